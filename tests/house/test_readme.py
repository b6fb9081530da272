"""The README does what it says: its first day runs on an empty machine, in order."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from tests.cli.conftest import Shell, shell

__all__ = ["shell"]

README = Path(__file__).parents[2] / "README.md"
WARNED = 10


def first_day() -> list[str]:
    """The command lines of the README's first day."""
    text = README.read_text(encoding="utf-8")
    block = re.search(r"## A first day\n\n```sh\n(.*?)```", text, re.DOTALL)
    assert block is not None
    return block[1].splitlines()


def test_the_first_day_runs(shell: Shell) -> None:
    lines = first_day()
    assert len(lines) >= 8
    for line in lines:
        words = shlex.split(line)
        assert words.pop(0) == "glucolog"
        words = [str(shell.folder / word) if word == "report.pdf" else word for word in words]
        ran = shell(*words)
        assert ran.code in {0, WARNED}, f"{line}: {ran.err}"
        assert ran.out
    assert (shell.folder / "report.pdf").read_bytes().startswith(b"%PDF")


def test_the_two_set_up_lines_are_one_line_each() -> None:
    text = README.read_text(encoding="utf-8")
    first, second = re.findall(r"^python3 -m venv .*$", text, re.MULTILINE)
    assert first.endswith("glucolog demo --open")
    assert second.endswith("pytest")


def test_the_extras_are_those_that_can_be_installed() -> None:
    named = set(re.findall(r"'\.\[(\w+)\]'", README.read_text(encoding="utf-8")))
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert named == set(project["optional-dependencies"])


def test_the_help_topics_it_names_exist() -> None:
    named = set(re.findall(r"`glucolog help (\w+)`", README.read_text(encoding="utf-8")))
    assert named <= {page.stem for page in (README.parent / "glucolog" / "help").glob("*.md")}


def test_the_places_it_names_are_there() -> None:
    table = README.read_text(encoding="utf-8").partition("## Where things are")[2]
    named = re.findall(r"`([\w/]+(?:/|\.py))`", table)
    assert len(named) > 30
    root = README.parent
    assert [name for name in named if not any((base / name).exists() for base in (root, root / "glucolog"))] == []


def test_the_layers_it_names_are_those_that_are_held() -> None:
    project = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (one["layers"] for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    line = " → ".join(layer for layer in layers if layer != "errors")
    assert f"`{line}`" in README.read_text(encoding="utf-8")


def test_the_picture_is_there() -> None:
    picture = re.search(r"!\[[^]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert picture is not None
    assert (README.parent / picture[1]).is_file()
