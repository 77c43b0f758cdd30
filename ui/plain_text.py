"""Text that somebody else wrote, as Streamlit's Markdown shows it unchanged."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([!-/:-@\[-`{-~])")
_ICON = re.compile(r":(?=(?:material|streamlit)\b|[\w+-]+:)")
_JOINER = "\u2060"


def plain(text: str) -> str:
    """Return text that Streamlit's Markdown shows as it stands, on one line.

    Nothing in it is formatted, coloured, set as a formula or turned into an icon.
    """
    line = " ".join(text.split())
    # Icons and emojis are found after escapes are read; a joiner of no width keeps them apart.
    return _SPECIAL.sub(r"\\\1", _ICON.sub(f":{_JOINER}", line))


def plain_lines(text: str) -> str:
    """Return the same with the line breaks kept."""
    return "  \n".join(plain(line) or "\u00a0" for line in text.strip().splitlines())
