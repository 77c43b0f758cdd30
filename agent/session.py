"""A conversation that is kept: turns go in, events come out, the checkpointer remembers.

A `Session` holds no connection between two turns, so that many may be open at once, in one process
or in several; the store sees to it that one of them writes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from optiwright.agent.budgets import Budgets, Meter, MeteredModel, Spent
from optiwright.agent.choose_model import choose_model
from optiwright.agent.desk import Tools, result_of
from optiwright.agent.llm import LanguageModel
from optiwright.agent.loop import Running, background_loop, wait
from optiwright.agent.options import Options
from optiwright.agent.replies import dropped
from optiwright.agent.result import Result
from optiwright.agent.secrets_told import without_keys
from optiwright.agent.session_channel import Channel, OnSessionEvent
from optiwright.agent.session_events import SessionEvent, TurnNotice, TurnStarted
from optiwright.agent.session_files import keep_file
from optiwright.agent.session_state import Route, Talk
from optiwright.agent.session_store import names_of, open_store
from optiwright.agent.session_thread import (
    Ended,
    Standing,
    Step,
    Thread,
    accepted,
    answered,
    begun,
)
from optiwright.formulators.errors import UserError

_log = logging.getLogger(__name__)
_GRACE_S = 5.0
"""How long a run may take to end by itself after its budget of time is spent."""


class Session:
    """One session, by name.

    Args:
        name: `session` or `owner/session`; it is begun with its first turn.
        options: of the runs that it makes.
        budgets: of its turns and of the whole.
        folder: where `/export` may write; None where it may not.
        store: PostgreSQL's address; None takes `OPTIWRIGHT_SESSIONS`, else this user's file.

    Raises:
        UserError: if the name or a budget cannot be used.
    """

    def __init__(
        self,
        name: str,
        *,
        options: Options | None = None,
        budgets: Budgets | None = None,
        folder: Path | None = None,
        store: str | None = None,
    ) -> None:
        self.name = "/".join(names_of(name))
        self._options = options or Options()
        self._budgets = (budgets or Budgets()).checked()
        self._folder = folder
        self._store = store
        self._model: LanguageModel | None = None
        self._work: asyncio.Task[Any] | None = None
        self._running: Running[Ended | None] | None = None
        self._channel = Channel()

    # --- from ordinary code -----------------------------------------------------------------------

    def send(
        self,
        text: str,
        *,
        files: Mapping[str, bytes] | None = None,
        route: Route | None = None,
        on_event: OnSessionEvent | None = None,
    ) -> Ended:
        """Say something and wait for what comes of it; see `asend`."""
        return wait(self.asend(text, files=files, route=route, on_event=on_event))

    def resume(self, *, on_event: OnSessionEvent | None = None) -> Ended | None:
        """Go on with a turn that was cut off; None where there is none."""
        return wait(self.aresume(on_event=on_event))

    def standing(self) -> Standing:
        """Return where the session stands, as the checkpointer has it."""
        return wait(self.astanding())

    @property
    def talk(self) -> Talk:
        """The turns and versions, as the checkpointer has them."""
        return self.standing().talk

    @property
    def options(self) -> Options:
        """Of the runs to come; they may be set anew, and hold from the next turn on."""
        return self._options

    @options.setter
    def options(self, options: Options) -> None:
        old, self._options = self._options, options
        if (old.model, old.base_url, old.api_key) != (
            options.model,
            options.base_url,
            options.api_key,
        ):
            self._give_back(old)

    @property
    def result(self) -> Result | None:
        """The current version's answer; None before the first."""
        version = self.talk.version
        return None if version is None else result_of(version)

    def start(
        self,
        text: str,
        *,
        files: Mapping[str, bytes] | None = None,
        route: Route | None = None,
    ) -> None:
        """Begin a turn and return at once; `watch` has its events.

        Raises:
            UserError: if a turn of this object is under way.
        """
        self._begin(self.asend(text, files=files, route=route))

    def watch(self) -> Iterator[SessionEvent]:
        """Yield the events of the turn under way from its beginning, or of the last one.

        Any number may watch. The error of a turn that ended without one is raised at the end.
        """
        yield from self._channel.events()
        if self._running is not None and not self._running.future.cancelled():
            self._running.future.result()

    @property
    def so_far(self) -> tuple[SessionEvent, ...]:
        """The events until now of the turn under way, or of the last one; waits for none."""
        return self._channel.so_far

    @property
    def seconds(self) -> float:
        """Wall-clock seconds since the turn under way was begun."""
        return self._channel.seconds

    @property
    def trouble(self) -> BaseException | None:
        """What the last turn that `start` began ended with; None where it was recorded.

        An `OptiwrightError` where it was refused; anything else is a fault of ours, and logged.
        """
        if self._running is None or self.running or self._running.future.cancelled():
            return None
        return self._running.future.exception()

    def start_resuming(self) -> None:
        """Begin to go on with a turn that was cut off and return at once, as `start` does."""
        self._begin(self.aresume())

    @property
    def running(self) -> bool:
        """Whether a turn that `start` began is under way."""
        return self._running is not None and not self._running.future.done()

    def stop(self) -> None:
        """Stop the turn under way, from any thread; it is recorded as stopped."""
        work = self._work
        if work is not None:
            background_loop().call_soon_threadsafe(work.cancel)

    def close(self) -> None:
        """Stop what is under way and give the model back."""
        self.stop()
        if self._running is not None:
            self._running.stop()
        self._give_back(self._options)

    def _give_back(self, options: Options) -> None:
        """Give back the model that was opened by these options."""
        model, self._model = self._model, None
        if model is not None and not isinstance(options.model, LanguageModel):
            wait(model.aclose())

    # --- from asyncio -----------------------------------------------------------------------------

    async def asend(
        self,
        text: str,
        *,
        files: Mapping[str, bytes] | None = None,
        route: Route | None = None,
        on_event: OnSessionEvent | None = None,
    ) -> Ended:
        """Say something: a new turn, or the answers to the questions that the last one waits with.

        A turn that was cut off is brought to its end first.

        Args:
            text: what is said; of several answers one a line.
            files: attached files' names and contents.
            route: what it wants, where a button says so and no words.
            on_event: called with every event, from the background loop's thread.

        Raises:
            UserError: the session is written to by another client, an answer is none, the text is
                empty or too long, or the store cannot be used.
        """
        said = without_keys(accepted(text), self._options.api_key)
        kept = [keep_file(name, content) for name, content in (files or {}).items()]
        with self._channel.turn(on_event) as listen:
            async with self._opened() as thread:
                standing = await thread.standing()
                if standing.state == "cut off":
                    listen(TurnNotice(message="Going on with the turn that was cut off."))
                    await self._go(thread, None, listen)
                    standing = await thread.standing()
                if standing.waiting is not None and not (dropped(said) or route or kept):
                    return await self._go(thread, answered(standing.waiting, said), listen)
                if standing.waiting is not None:
                    await thread.cut("user", await self._tools(thread, None, listen))
                    if dropped(said) == "drop":
                        return await thread.ended()
                if not (said or kept or route):
                    raise UserError(
                        "the turn is empty",
                        where="the turn",
                        remedy="Say something, or take a command: `/help` lists them.",
                    )
                step = begun(await thread.state(), said, kept, route)
                listen(TurnStarted(number=step["number"], text=said))
                return await self._go(thread, step, listen)

    async def aresume(self, *, on_event: OnSessionEvent | None = None) -> Ended | None:
        """Go on with a turn that was cut off; None where there is none.

        Raises:
            UserError: as `asend` does.
        """
        with self._channel.turn(on_event) as listen:
            async with self._opened() as thread:
                standing = await thread.standing()
                if standing.state != "cut off":
                    return None
                return await self._go(thread, None, listen)

    async def astanding(self) -> Standing:
        """Return where the session stands, as the checkpointer has it."""
        async with open_store(self._store) as store:
            note = await store.find(self.name)
            if note is None:
                return Standing(Talk(), "idle")
            return await Thread(store, note).standing()

    # --- inside -----------------------------------------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, Ended | None]) -> None:
        if self.running:
            work.close()
            raise UserError("a turn is under way", where="session", remedy="Stop it, or wait.")
        self._channel.begin()  # so that who watches at once waits for events
        self._running = Running(work)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Thread]:
        async with open_store(self._store) as store:
            note = await store.create(self.name)
            async with store.lease(note):
                yield Thread(store, note)

    async def _go(self, thread: Thread, step: Step, listen: OnSessionEvent) -> Ended:
        """Go on to the turn's end, to questions, or until it is stopped."""
        tools = await self._tools(thread, step, listen)
        left = tools.meter.seconds_left
        self._work = work = asyncio.ensure_future(thread.go(step, tools))
        try:
            async with asyncio.timeout(max(0.0, left) + _GRACE_S if left < 1e9 else None):
                await work
        except TimeoutError:
            await thread.cut("budget", tools)
        except asyncio.CancelledError:
            await thread.cut("user", tools)
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
        except Exception:
            # A fault of ours: the turn would meet it again whenever it is gone on with.
            _log.exception("a turn of %s ended with a fault", self.name)
            await thread.cut("killed", tools)
            raise
        finally:
            self._work = None
        return await thread.ended()

    async def _tools(self, thread: Thread, step: Step, listen: OnSessionEvent) -> Tools:
        state = await thread.state()
        turn = state.get("turn_spent") or {}
        if isinstance(step, dict):
            turn = {}
        session = Spent.model_validate(state.get("spent") or {})
        meter = Meter(self._budgets, session, Spent.model_validate(turn))

        async def metered() -> LanguageModel:
            return MeteredModel(await self._opened_model(listen), meter)

        return Tools(
            options=replace(self._options, model=None),
            model=metered,
            meter=meter,
            listen=listen,
            saver=thread.store.saver,
            folder=self._folder,
        )

    async def _opened_model(self, listen: OnSessionEvent) -> LanguageModel:
        """Return the session's model, opened when it is first needed and kept."""
        chosen = self._options.model
        if isinstance(chosen, LanguageModel):
            return chosen
        if self._model is None:
            self._model = await asyncio.to_thread(
                choose_model,
                chosen,
                self._options.base_url,
                self._options.api_key,
                on_status=lambda text: listen(TurnNotice(message=text)),
            )
        return self._model
