"""Keys taken out of what is kept: what a user pastes by mistake is not written down."""

from __future__ import annotations

import os
import re

_KEYS = re.compile(
    r"\bsk-[A-Za-z0-9_-]{16,}|\b(?:ghp|gho|hf)_[A-Za-z0-9]{20,}|\bAKIA[A-Z0-9]{16}\b"
)
_HIDDEN = "[a key]"
_SHORTEST = 8


def without_keys(text: str, *known: str | None) -> str:
    """Return a text without API keys: those that are known or set, and what has their form."""
    for key in (*known, os.environ.get("OPENAI_API_KEY")):
        if key and len(key) >= _SHORTEST:
            text = text.replace(key, _HIDDEN)
    return _KEYS.sub(_HIDDEN, text)
