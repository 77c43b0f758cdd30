"""Tables out of a real PostgreSQL server, by its address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

import optiwright
from optiwright import UserError
from optiwright.formulators.model import Formulation
from tests.postgres_server import PASSWORD, binaries, postgres

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "data"
TABLES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "plants": ('"Plant" text, "Supply" numeric', [("Aachen ", 350), ("Jena", 600)]),
    "markets": ('"Market" text, "Need" integer', [("Bremen", 325), ("Kassel", 300), ("Ulm", 275)]),
    "freight": (
        'plant text, "BREMEN" double precision, "Kassel" double precision, "Ulm" numeric(6, 2)',
        [("aachen", 32.5, 27.0, 38.5), ("jena", 41.0, 21.5, 33.0)],
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed")
    with postgres() as address:
        with psycopg.connect(address) as connection:
            for name, (columns, rows) in TABLES.items():
                connection.execute(f"create table {name} ({columns})".encode())
                places = ", ".join(["%s"] * len(rows[0]))
                for row in rows:
                    connection.execute(f"insert into {name} values ({places})".encode(), row)
        yield address


@pytest.mark.parametrize("dialect", ["postgresql", "postgresql+psycopg", "postgres"])
def test_a_saved_formulation_solves_on_the_tables_of_a_server(server: str, dialect: str) -> None:
    formulation = Formulation.load(EXAMPLE / "freight.formulation.json")
    files = [EXAMPLE / f"{name}.csv" for name in TABLES]
    expected = optiwright.solve(formulation, data=files)
    result = optiwright.solve(formulation, data=[server.replace("postgresql", dialect, 1)])
    assert result.status == "optimal"
    assert result.objective == pytest.approx(expected.objective)
    sent, usual = result.tables()["ship"], expected.tables()["ship"]
    pd.testing.assert_frame_equal(
        sent.reset_index(drop=True), usual.reset_index(drop=True), check_dtype=False
    )
    assert PASSWORD not in result.model_dump_json()


def test_a_server_that_refuses_is_told_without_its_password(server: str) -> None:
    wrong = server.replace(PASSWORD, "another-secret")
    with pytest.raises(UserError) as refused:
        optiwright.solve(Formulation.load(EXAMPLE / "freight.formulation.json"), data=[wrong])
    assert "another-secret" not in str(refused.value)
    assert "Traceback" not in str(refused.value)
