"""A script whose lines begin to come again and again: a small model that has lost its thread.

Greedily drawn, it never finds out by itself; it writes the same lines up to the longest reply that
is allowed, which takes a small model on two cores ten minutes and brings nothing.
"""

from __future__ import annotations

from collections import Counter

REPETITION = "repetition"
"""The reason why a reply ended that was cut off for this."""
_MOST = 4
_SHORTEST = 10


class Repetition:
    """Watches a script as it arrives.

    No line of a script stands in it four times: a name is declared once, and what is required is
    required once. Comments and short lines do not count.
    """

    def __init__(self) -> None:
        self._open = ""
        self._lines: Counter[str] = Counter()

    def sees(self, piece: str) -> bool:
        """Take the next piece of the script; whether one of its lines has come too often."""
        *whole, self._open = (self._open + piece).split("\n")
        for line in map(str.strip, whole):
            if len(line) >= _SHORTEST and not line.startswith("#"):
                self._lines[line] += 1
                if self._lines[line] >= _MOST:
                    return True
        return False
