"""Trying the sandbox out: the attacks run in it, and whether each ended as it has to.

`python -m optiwright.solver_tools.sandbox_trial` prints the tables of docs/security.md.
"""

from __future__ import annotations

import os
import platform
import re
import socket
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from optiwright.solver_tools.pool import Isolation, Outcome, Pool, Profile, Reason
from optiwright.solver_tools.sandbox_attacks import ESCAPED, GROUPS, SECRET, Attack
from optiwright.solver_tools.sandbox_policy import level_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_LIMIT_S = 60.0
_MEMORY_MB = 512
_MET_CHARACTERS = 120
_VARIABLE = "OPTIWRIGHT_TRIAL_API_KEY"


@dataclass(frozen=True)
class Surroundings:
    """What an attack finds outside the sandbox."""

    outside: str
    """A directory with a file `secret`."""
    port: int
    """Where something listens."""

    def submit(self, pool: Pool, attack: Attack, profile: Profile = Profile.WRITTEN) -> Outcome:
        """Runs an attack and returns what became of it."""
        confined = profile is not Profile.COMPILED
        names = {"outside": self.outside, "port": self.port, "caller": os.getpid()}
        return pool.submit(
            "builtins:exec",
            attack.source,
            names,
            time_limit_s=1.0 if attack.reason is Reason.TIMEOUT else _LIMIT_S,
            memory_mb=_MEMORY_MB if confined else 16 * _MEMORY_MB,
            profile=profile,
            files={"data.csv": b"a,b\n"} if confined else {},
            isolation=Isolation.BEST_EFFORT,
        ).result()

    def untouched(self) -> bool:
        """Returns whether the directory is as it was made."""
        names = os.listdir(self.outside)
        return names == ["secret"] and Path(self.outside, "secret").read_text() == SECRET


@contextmanager
def trial_pool(*, without: Collection[str] = ()) -> Iterator[Pool]:
    """Makes a pool whose caller has a secret in its environment, and closes it."""
    with closing(Pool(without=without)) as pool:
        os.environ[_VARIABLE] = SECRET
        try:
            pool.submit("math:sqrt", 4.0, time_limit_s=20).result()  # the server has started then
        finally:
            os.environ.pop(_VARIABLE, None)
        yield pool


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Makes a directory with a secret and a listener, and takes both away again."""
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as listener:
        Path(name, "secret").write_text(SECRET)
        yield Surroundings(name, listener.getsockname()[1])


def contained(attack: Attack, outcome: Outcome) -> bool:
    """Returns whether the attack ended as it has to."""
    told = re.search(attack.meets, outcome.error) is not None
    return told and outcome.reason is attack.reason and ESCAPED not in outcome.output


def try_out(pool: Pool, attack: Attack, profile: Profile = Profile.WRITTEN) -> tuple[bool, Outcome]:
    """Runs an attack; returns whether it was contained, and what became of it."""
    with surroundings() as around:
        outcome = around.submit(pool, attack, profile)
        return contained(attack, outcome) and around.untouched(), outcome


def met(outcome: Outcome) -> str:
    """Returns in a line what an attack ran into."""
    last = outcome.error.strip().splitlines()[-1:]
    return ": ".join([str(outcome.reason), *last])[:_MET_CHARACTERS]


def _rows(pool: Pool, attacks: tuple[Attack, ...]) -> Iterator[str]:
    for attack in attacks:
        held, outcome = try_out(pool, attack)
        word = "contained" if held else "**not contained**"
        said = re.sub(r": '[^']*'( -> '[^']*')?$", "", met(outcome))  # paths of this run
        yield f"| {attack.name} | {word} | {said} |".replace("`", "'")


def tables(pool: Pool) -> Iterator[str]:
    """Yields the lines of docs/security.md that only a run can tell."""
    active = pool.submit("math:sqrt", 4.0, time_limit_s=20, profile=Profile.WRITTEN).result()
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    yield f"Linux {platform.release().partition('-')[0]}, {platform.machine()}, as {who}; level"
    yield f"`{level_of(active.protections)}`: {', '.join(active.protections)}."
    for title, attacks in GROUPS.items():
        yield from ("", f"| {title} | | what it met |", "|---|---|---|")
        yield from _rows(pool, attacks)


def main() -> None:
    """Prints the tables."""
    with trial_pool() as pool:
        for line in tables(pool):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
