"""A session's thread in the store: where it stands, one step further, cut short, put away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, TypeAlias, cast

from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, StateSnapshot

from optiwright.agent.desk import Tools
from optiwright.agent.replies import exchanges_of, replies_of
from optiwright.agent.run import Waiting
from optiwright.agent.session_state import FileNote, Outcome, Route, SessionState, Talk, Turn
from optiwright.agent.session_store import SessionNote, SessionStore
from optiwright.agent.turns import turns
from optiwright.formulators.errors import UserError

Ended: TypeAlias = Turn | Waiting
"""A turn that is done, or one that waits for answers."""
Step: TypeAlias = SessionState | Command[Any] | None
"""What a thread goes on with: a turn that begins, answers, or nothing new."""

_MAX_TEXT = 100_000
_NO_PROBLEM = "no problem yet"
_CUT = {
    "user": "Stopped. Nothing was changed; what was achieved until then is in the run's record.",
    "budget": "Stopped: the budget of time is spent. Nothing was changed; what was achieved until "
    "then is in the run's record.",
    "killed": "This turn was cut off and could not be gone on with.",
}


@dataclass(frozen=True)
class Standing:
    """Where a session stands."""

    talk: Talk
    state: Literal["idle", "waiting", "cut off"]
    """Cut off: a turn was under way in a process that is gone, or is under way in another one."""
    waiting: Waiting | None = None
    """The questions of a turn that waits."""
    text: str = ""
    """What the turn said that waits or was cut off."""
    attached: tuple[FileNote, ...] = ()
    """The files that came with that turn."""

    @property
    def files(self) -> set[FileNote]:
        """Every file that came in any turn."""
        return {*self.talk.files, *(f for t in self.talk.turns for f in t.files), *self.attached}


@dataclass(frozen=True)
class Thread:
    """One session in its store, while that is open."""

    store: SessionStore
    note: SessionNote

    async def state(self) -> SessionState:
        """Return the state as the checkpointer has it."""
        return _state(await self._snapshot())

    async def standing(self) -> Standing:
        """Return where the session stands."""
        snapshot = await self._snapshot()
        talk, text = Talk.of(_state(snapshot)), snapshot.values.get("text", "")
        if not snapshot.next:
            return Standing(talk, "idle")
        attached = tuple(map(FileNote.model_validate, snapshot.values.get("attached", ())))
        if snapshot.interrupts:
            return Standing(talk, "waiting", _waiting(snapshot), text, attached)
        return Standing(talk, "cut off", text=text, attached=attached)

    async def go(self, step: Step, tools: Tools) -> None:
        """Go on to the turn's end or to questions, each step kept before the next."""
        await self._graph.ainvoke(step, self._config, context=tools, durability="sync")

    async def cut(self, why: Literal["user", "budget", "killed"], tools: Tools) -> None:
        """End a turn where it is, and record it as that."""
        snapshot = await self._snapshot()
        if not snapshot.next:
            return
        if snapshot.next != ("record",):
            outcome = Outcome(answer=_CUT[why], ok=False, stopped=why)
            spent = tools.meter.spent.model_dump(mode="json")
            update: SessionState = {"outcome": outcome, "turn_spent": spent}
            await self._graph.aupdate_state(self._config, update, as_node="act")
        await self.go(None, tools)

    async def ended(self) -> Ended:
        """Return what the turn came to; nothing that only it needed is kept."""
        snapshot = await self._snapshot()
        state = _state(snapshot)
        talk = Talk.of(state)
        titles = [v.title for v in talk.versions]
        titles += [t.text for t in talk.turns if t.kind == "problem"]
        titles += [state.get("text", "")] * bool(snapshot.interrupts)
        await self.store.touch(self.note, titles[0] if titles else _NO_PROBLEM, len(talk.turns))
        if snapshot.interrupts:
            return _waiting(snapshot)
        if "run_id" in state:
            for sample in range(3):
                await self.store.saver.adelete_thread(f"{state['run_id']}.{sample}")
        await self.store.thin(self.note.id)
        return talk.turns[-1]

    @cached_property
    def _graph(self) -> CompiledStateGraph[SessionState, Tools, SessionState, SessionState]:
        return turns.compile(checkpointer=self.store.saver)

    @property
    def _config(self) -> RunnableConfig:
        return {"configurable": {"thread_id": self.note.id}}

    async def _snapshot(self) -> StateSnapshot:
        return await self._graph.aget_state(self._config)


def _state(snapshot: StateSnapshot) -> SessionState:
    return cast(SessionState, snapshot.values)


def _waiting(snapshot: StateSnapshot) -> Waiting:
    return Waiting.model_validate(snapshot.interrupts[0].value)


def answered(waiting: Waiting, said: str) -> Command[Any]:
    """Return the step that goes on with the answers."""
    replies = replies_of(said, waiting.questions)
    exchanges = [e.model_dump(mode="json") for e in exchanges_of(waiting.questions, replies)]
    return Command(resume={"replies": replies, "exchanges": exchanges})


def begun(
    state: SessionState, said: str, kept: Sequence[FileNote], route: Route | None
) -> SessionState:
    """Return the step that begins a turn."""
    return {
        "number": len(state.get("turns", [])) + 1,
        "text": said,
        "started": datetime.now(UTC).isoformat(),
        "attached": [note.model_dump(mode="json") for note in kept],
        "asked": route.model_dump(mode="json") if route is not None else None,
        "route": None,
        "outcome": None,
        "replies": None,
        "exchanges": [],
        "turn_spent": {},
    }


def accepted(text: str) -> str:
    """Return what is said without the white space around it.

    Raises:
        UserError: if it is too long.
    """
    said = text.strip("\ufeff \t\r\n")
    if len(said) > _MAX_TEXT:
        raise UserError(
            f"the turn has {len(said):,} characters, more than {_MAX_TEXT:,}",
            where="the turn",
            remedy="Attach long tables as files.",
        )
    return said
