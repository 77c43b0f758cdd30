"""Versions and what-ifs: the tree, going to one, naming one, undo."""

from __future__ import annotations

import streamlit as st

from optiwright.agent.acts_tree import HOW, last_tried, value_told, walk
from optiwright.agent.session_state import Route, Version
from optiwright.ui.plain_text import plain, told
from optiwright.ui.scene import Scene
from optiwright.ui.versions_compare import show_comparison

_LINES = 6
"""Lines of what a version changes that are shown."""


def show_versions(scene: Scene) -> None:
    """Show the session's versions, and two or three of them side by side."""
    if scene.version is None:
        return
    _acts(scene, scene.version)
    for depth, version in walk(scene.talk):
        _version(scene, version, depth)
    _naming(scene, scene.version)
    show_comparison(scene)


def _acts(scene: Scene, current: Version) -> None:
    key = f"{scene.session.name}-{current.number}"
    with st.container(horizontal=True):
        if st.button(
            "Undo",
            key=f"undo-{key}",
            icon=":material/undo:",
            disabled=scene.busy or not current.parent,
            help=f"Back to version {current.parent}; nothing is deleted."
            if current.parent
            else "This version changes no other one.",
        ):
            scene.say("Undo", route=Route(kind="undo", way="given"))
        tried = last_tried(scene.talk)
        if tried is not None and st.button(
            f"Keep what-if {tried.number}",
            key=f"keep-{key}",
            icon=":material/check:",
            disabled=scene.busy,
            help="Make it the current answer.",
        ):
            scene.say(f"Keep what-if {tried.number}", route=Route(kind="keep", way="given"))


def _version(scene: Scene, version: Version, depth: int) -> None:
    number, current = version.number, version.number == scene.talk.current
    name = scene.talk.name_of(number)
    with st.container(border=True, key=f"version-{scene.session.name}-{number}".replace("/", "-")):
        named = f", {plain(name)}" if name else ""
        mark = " :material/check_circle: current" if current else ""
        parent = f" of version {version.parent}" if depth else ""
        branch = "↳ " * depth
        st.markdown(f"{branch}**Version {number}{named}** ({HOW[version.how]}{parent}){mark}")
        st.markdown(f"{plain(version.title)}  \n{plain(value_told(version))}")
        if version.difference:
            st.markdown(_listed(version.difference))
        if not current and st.button(
            f"Go to version {number}",
            key=f"go-{scene.session.name}-{number}",
            icon=":material/arrow_forward:",
            disabled=scene.busy,
        ):
            route = Route(kind="back", way="given", numbers=(float(number),))
            scene.say(f"Go to version {number}", route=route)


def _listed(lines: tuple[str, ...]) -> str:
    more = [f"- and {len(lines) - _LINES} more"] if len(lines) > _LINES else []
    return "\n".join([*(f"- {told(line)}" for line in lines[:_LINES]), *more])


def _naming(scene: Scene, current: Version) -> None:
    key = f"{scene.session.name}-{current.number}"
    with st.form(f"naming-{key}", border=False):
        name = st.text_input(
            f"A name for version {current.number}", max_chars=40, key=f"name-{key}"
        ).strip()
        if not st.form_submit_button("Name it", key=f"named-{key}", disabled=scene.busy):
            return
    at = scene.talk.names.get(name, current.number)
    if not name:
        st.error("Type a name first.", icon=":material/error:")
    elif at != current.number:
        st.error(f"Version {at} is called so. Choose another name.", icon=":material/error:")
    else:
        route = Route(kind="branch", way="given", to=name)
        scene.say(f"Name version {current.number} {name}", route=route)
