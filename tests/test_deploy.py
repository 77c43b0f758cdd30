"""The container recipe agrees with the project; no engine is at hand to run it."""

from __future__ import annotations

import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import typer.main
import yaml

from optiwright.cli import app
from optiwright.ui.access import TOKEN_FILE, is_loopback

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINES = re.sub(r"\\\n", " ", (ROOT / "deploy" / "Dockerfile").read_text()).splitlines()
STEPS = [line.split(maxsplit=1) for line in LINES if line and line[0] not in "# "]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
PAGE = COMPOSE["services"]["page"]
SECRET = re.compile(r"PASS|KEY|TOKEN|SECRET", re.IGNORECASE)


def told(instruction: str) -> list[str]:
    return [rest for name, rest in STEPS if name == instruction]


def copied() -> set[str]:
    """What the image is built from."""
    return {name for rest in told("COPY") if "--from" not in rest for name in rest.split()[:-1]}


def test_what_is_copied_is_there_and_is_all_that_the_build_needs() -> None:
    assert all((ROOT / name).exists() for name in copied())
    table = PROJECT["tool"]["setuptools"]["package-dir"]
    needed = {*table.values(), "pyproject.toml", PROJECT["project"]["readme"], "constraints.txt"}
    assert needed | set(PROJECT["project"]["license-files"]) == copied()


def test_only_what_is_copied_is_sent_to_the_builder() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] != "#"]
    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied()
    refused = [line for line in lines[1:] if not line.startswith("!")]
    assert any(fnmatch("ui/__pycache__", line.replace("**", "*")) for line in refused)


def test_the_extras_exist_and_their_versions_are_pinned() -> None:
    (install,) = [line for line in told("RUN") if "pip install" in line]
    (extras,) = re.findall(r"\.\[(.*?)\]", install)
    assert (
        {"ui", "postgres"}
        <= set(extras.split(","))
        <= set(PROJECT["project"]["optional-dependencies"])
    )
    assert "--constraint constraints.txt" in install
    pinned = {
        line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    for extra in extras.split(","):
        for need in PROJECT["project"]["optional-dependencies"][extra]:
            assert re.split(r"[\[><=]", need)[0] in pinned, need


def test_the_image_is_slim_of_a_python_that_the_project_takes_and_has_no_compiler() -> None:
    images = {line.split()[0] for line in told("FROM")}
    assert len(images) == 1
    (version,) = re.findall(r"^python:(3\.\d+)-slim-", images.pop())
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert [int(n) for n in version.split(".")] >= [int(n) for n in least.split(".")]
    assert not re.search(r"\bapt|build-essential|gcc", "\n".join(LINES))


def test_it_does_not_run_as_root_and_carries_no_secret() -> None:
    names = [name for name, _ in STEPS]
    assert told("USER") == ["optiwright"] and names.index("USER") < names.index("ENTRYPOINT")
    assert not any(SECRET.search(line) for line in told("ENV") + told("ARG"))


def test_the_command_is_one_of_ours_and_everything_speaks_of_its_port() -> None:
    (entry,), (command,) = told("ENTRYPOINT"), told("CMD")
    assert json.loads(entry) == ["optiwright"]
    name, *options = json.loads(command)
    ours = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    given = ours.make_context(name, options).params
    port = str(given["port"])
    assert not is_loopback(given["host"]) and told("EXPOSE") == [port]
    (health,) = told("HEALTHCHECK")
    compile(json.loads(health[health.index("[") :])[2], "healthcheck", "exec")
    assert f"127.0.0.1:{port}/_stcore/health" in health
    assert PAGE["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_compose_starts_the_page_only_with_people_who_have_tokens() -> None:
    assert PAGE["environment"][TOKEN_FILE] == "/run/secrets/people"
    assert PAGE["secrets"] == ["people"] and COMPOSE["secrets"]["people"]["file"] == "./people.txt"
    assert (ROOT / "deploy" / PAGE["build"]["context"]).resolve() == ROOT
    assert (ROOT / PAGE["build"]["dockerfile"]).is_file()


def test_compose_names_only_what_it_has_and_holds_no_secret() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert source.startswith("./") or source in COMPOSE["volumes"]
        for name, value in service.get("environment", {}).items():
            if SECRET.search(name):
                assert re.fullmatch(r"\$\{\w+:[?-].*\}|/run/secrets/\w+", value), name
    assert set(PAGE["depends_on"]) <= set(services)
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"deploy/.env", "deploy/people.txt", "deploy/models/"} <= set(ignored)


def test_the_page_finds_its_database_and_its_model() -> None:
    db = COMPOSE["services"]["db"]["environment"]
    address = f"postgresql://{db['POSTGRES_USER']}@db/{db['POSTGRES_DB']}"
    assert PAGE["environment"]["OPTIWRIGHT_SESSIONS"] == address
    assert PAGE["environment"]["PGPASSWORD"] == db["POSTGRES_PASSWORD"]
    ((host, port),) = re.findall(r"http://(\w+):(\d+)/v1", PAGE["environment"]["OPENAI_BASE_URL"])
    models = [s for s in COMPOSE["services"].values() if s.get("profiles")]
    assert len(models) == 2
    for model in models:
        assert model["networks"]["default"]["aliases"] == [host]
        assert model["command"][model["command"].index("--port") + 1] == port
        assert "ports" not in model
