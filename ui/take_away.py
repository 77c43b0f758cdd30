"""What can be taken home: files of the answer, the conversation, the session's link."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, urlsplit

import streamlit as st

from optiwright.agent.desk import result_of
from optiwright.agent.result import Result
from optiwright.agent.session_state import Version
from optiwright.agent.sessions import Written, transcript
from optiwright.agent.solution_tables import table_csv
from optiwright.agent.writable import Offer, file_stem, offers, table_names
from optiwright.formulators.phrases import capitalised
from optiwright.ui.aside import show_aside
from optiwright.ui.plain_text import plain
from optiwright.ui.scene import Scene
from optiwright.ui.settings import PageSettings

GROUPS = (
    ("To read", (".html", ".md", ".tex")),
    ("Tables", (".xlsx", ".csv")),
    ("To run", (".py", ".ipynb")),
    ("The model, for solvers and for Optiwright", (".lp", ".mps", ".formulation.json", ".json")),
)
"""Suffixes under headings."""
_LIBRARIES = {"pyomo": "Pyomo", "cvxpy": "CVXPY", "highspy": "highspy", "cp-sat": "CP-SAT"}
_TRANSCRIPTS: tuple[tuple[Written, str], ...] = (
    ("md", "To read"),
    ("json", "Everything, as JSON"),
    ("txt", "The turns alone, to be said again"),
)
_WHO = {
    "loopback": "It opens on this machine alone, as long as the page is served here, for whoever "
    "uses the machine; with a token set, for you only.",
    "token": "It opens for you alone, where this page can be reached, once you have signed in.",
    "oidc": "It opens for you alone, where this page can be reached, once you have signed in.",
}


def show_take_away(scene: Scene) -> None:
    """Show the downloads of the current version, of the conversation, and the session's link."""
    if scene.version is None:
        return
    if scene.result is None:
        st.info("The files of this answer are gone. State the problem again.")
    else:
        version, result = scene.version, scene.result
        show_aside(
            f"files of {version.record} {result.run_id}",
            lambda: (offers(result), table_names(result)),
            "Trying which files this answer can be written to",
            lambda tried: _files(scene, result, *tried),
        )
    _conversation(scene)
    _link(scene)


def _files(scene: Scene, result: Result, found: tuple[Offer, ...], tables: tuple[str, ...]) -> None:
    stem = file_stem(result)
    for heading, suffixes in GROUPS:
        st.markdown(f"**{heading}**")
        group = [offer for suffix in suffixes for offer in found if offer.form.suffix == suffix]
        with st.container(horizontal=True, gap="xsmall"):
            for offer in group:
                if not offer.fault:
                    _file(scene, offer, stem)
            if ".csv" in suffixes:
                _tables(scene, tables, stem)
        for sentence in dict.fromkeys(offer.fault for offer in group if offer.fault):
            st.markdown(f"{_named(group, sentence)}: {plain(sentence)}")


def _named(group: list[Offer], sentence: str) -> str:
    """Name the files that a sentence speaks of."""
    return ", ".join(_label(offer) for offer in group if offer.fault == sentence)


def _label(offer: Offer) -> str:
    what = capitalised(offer.what)
    library = f" in {_LIBRARIES[offer.library]}" if offer.library else ""
    return f"{what}{library} ({offer.form.suffix})"


def _file(scene: Scene, offer: Offer, stem: str) -> None:
    assert scene.version is not None
    _download(
        _label(offer),
        partial(_content, scene.version, offer),
        f"{stem}{offer.suffix}",
        f"take-{scene.session.name}-{scene.version.number}{offer.suffix}",
    )


def _content(version: Version, offer: Offer) -> bytes:
    return offer.content(result_of(version))


def _tables(scene: Scene, tables: tuple[str, ...], stem: str) -> None:
    for name in tables:
        assert scene.version is not None
        _download(
            f"Table {plain(name)} (.csv)",
            partial(_table, scene.version, name),
            f"{stem}-{name}.csv",
            f"take-{scene.session.name}-{scene.version.number}-table-{name}",
        )


def _table(version: Version, name: str) -> bytes:
    return table_csv(result_of(version), name).encode()


def _download(label: str, content: Callable[[], bytes], name: str, key: str) -> None:
    """Show a button that writes its file when it is clicked, and not before."""
    st.download_button(
        label,
        content,
        name,
        mimetypes.guess_type(name)[0] or "application/octet-stream",
        key=key.replace("/", "-"),
        on_click="ignore",
        icon=":material/download:",
    )


def _conversation(scene: Scene) -> None:
    st.markdown("**The conversation**")
    with st.container(horizontal=True, gap="xsmall"):
        for form, what in _TRANSCRIPTS:
            _download(
                f"{what} (.{form})",
                partial(_transcript, scene.session.name, form),
                f"{scene.session.name.rpartition('/')[2]}.{form}",
                f"talk-{scene.session.name}-{form}",
            )


def _transcript(name: str, form: Written) -> bytes:
    return transcript(name, form).encode()


def _link(scene: Scene) -> None:
    st.markdown("**A link to this session**")
    here = urlsplit(st.context.url or "")
    address = f"{here.scheme}://{here.netloc}{here.path or '/'}" if here.netloc else ""
    st.code(f"{address}?session={quote(scene.session.name.rpartition('/')[2])}", language=None)
    st.caption(_WHO[PageSettings.here().access])
