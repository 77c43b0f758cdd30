"""Starting points: example problems by field, each one click."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import streamlit as st

_COLUMNS = 3


@dataclass(frozen=True)
class Example:
    """A problem to begin with: its file among the examples, and what the card says of it."""

    file: str
    field: str
    title: str
    teaser: str
    tables: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The problem as it is said."""
        return _content(self.file).decode("utf-8").strip()

    @property
    def attached(self) -> dict[str, bytes]:
        """The files that come with it, by name."""
        return {name.rpartition("/")[2]: _content(name) for name in self.tables}


EXAMPLES = (
    Example(
        "bakery.txt",
        "Production",
        "Which cakes to bake",
        "Oven, eggs and demand limit the day's profit.",
    ),
    Example(
        "feed.txt",
        "Blending and diet",
        "The cheapest feed",
        "Protein and fibre are asked for, prices differ.",
    ),
    Example(
        "shipping.txt",
        "Logistics",
        "Crates from three warehouses",
        "The freight stands in a table in the text.",
    ),
    Example(
        "data/freight.txt",
        "Logistics, with files",
        "Freight from attached tables",
        "Three CSV files with decimal commas, as people write them.",
        ("data/plants.csv", "data/markets.csv", "data/freight.csv"),
    ),
    Example(
        "pumps.txt",
        "Planning over time",
        "Four months of pumps",
        "Regular time, overtime and stock from month to month.",
    ),
    Example(
        "assignment.txt",
        "Staffing",
        "Who translates what",
        "Four people, four documents, the fewest hours.",
    ),
    Example(
        "staffing.txt",
        "Staffing, impossible",
        "A help desk without enough desks",
        "The requirements contradict each other: see which, and what would help.",
    ),
    Example(
        "kiosks.txt",
        "Location",
        "Where to put repair kiosks",
        "Every district within reach, at the least cost.",
    ),
    Example(
        "portfolio.txt",
        "Finance",
        "Three funds, little risk",
        "The least risk for a return of 5 percent.",
    ),
    Example(
        "tickets.txt",
        "Pricing",
        "Two prices for a theatre",
        "Who pays more sells less: the revenue is a curve.",
    ),
    Example(
        "tank.txt",
        "Engineering",
        "A rain tank",
        "Walls and base cost differently, the volume is given.",
    ),
    Example(
        "schedules/roster.txt",
        "Staffing over time",
        "A roster for a week",
        "Six people, three shifts, rest between them, wishes for days off.",
    ),
    Example(
        "ferry.txt",
        "A plan of steps",
        "A ferry for one van",
        "The fewest steps that bring two vans where they belong.",
    ),
    Example(
        "pump.txt",
        "A function, no formula",
        "Settings of a pump",
        "A week is played through in Python: which settings cost the least?",
    ),
    Example(
        "joinery.txt",
        "Open question",
        "Chairs for a school",
        "The text can be read in two ways: you are asked which.",
    ),
)


def show_gallery() -> tuple[str, dict[str, bytes]]:
    """Show the examples; return text and files of the one that was clicked, or nothing."""
    chosen = None
    with st.container(key="gallery"):
        st.header("Or begin with an example", anchor=False)
        for first in range(0, len(EXAMPLES), _COLUMNS):
            row = EXAMPLES[first : first + _COLUMNS]
            for column, example in zip(st.columns(_COLUMNS), row, strict=False):
                with column:
                    chosen = _card(example) or chosen
    return (chosen.text, chosen.attached) if chosen is not None else ("", {})


def _card(example: Example) -> Example | None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.caption(example.field)
        clicked = st.button(f"**{example.title}**", key=f"example-{example.file}", width="stretch")
        st.caption(example.teaser)
        with st.popover(
            f"Read it first *{example.title}*", type="tertiary", key=f"read-{example.file}"
        ):
            st.code(example.text, language=None, wrap_lines=True)
            if example.tables:
                st.caption(f"With {', '.join(example.attached)}")
    return example if clicked else None


def _content(name: str) -> bytes:
    return files("optiwright.examples").joinpath(name).read_bytes()
