"""What the parts of the page are shown: a session as it stands, and how to speak in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from optiwright.agent.desk import result_of
from optiwright.agent.result import Result
from optiwright.agent.session import Session
from optiwright.agent.session_state import Route, Talk, Version
from optiwright.agent.session_thread import Standing
from optiwright.formulators.errors import UserError
from optiwright.ui.plain_text import plain


@dataclass(frozen=True)
class Scene:
    """One session in one run of the page."""

    session: Session
    standing: Standing

    @property
    def talk(self) -> Talk:
        """The turns and versions."""
        return self.standing.talk

    @property
    def version(self) -> Version | None:
        """The current version; None before the first."""
        return self.talk.version

    @cached_property
    def result(self) -> Result | None:
        """The current version's answer; None before the first, or where its files are gone."""
        return None if self.version is None else self.result_of(self.version)

    def result_of(self, version: Version) -> Result | None:
        """Return a version's answer; None where its files are gone."""
        try:
            return result_of(version)
        except UserError:
            return None

    @property
    def busy(self) -> bool:
        """Whether a turn is under way, so that nothing new can be said."""
        return self.session.running

    def say(
        self,
        text: str,
        *,
        files: Mapping[str, bytes] | None = None,
        route: Route | None = None,
    ) -> None:
        """Begin a turn and show the page anew; what is said while one is under way is refused."""
        st.session_state[self._said] = text
        self._begin(lambda: self.session.start(text, files=files, route=route))

    @property
    def said_last(self) -> str:
        """What this visitor said last in this session; it is in no turn if it was refused."""
        return str(st.session_state.get(self._said, ""))

    @property
    def _said(self) -> str:
        return f"said-{self.session.name}"

    def go_on(self) -> None:
        """Go on with a turn that was cut off."""
        self._begin(self.session.start_resuming)

    @staticmethod
    def _begin(begin: Callable[[], None]) -> None:
        try:
            begin()
        except UserError as error:
            st.toast(plain(str(error)), icon=":material/error:")
            return
        st.rerun()
