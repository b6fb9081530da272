"""What is written is true: generated pages equal their generator, executed ones and worked values do what they say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest
from glucolog.cli.app import COMMANDS
from glucolog.core.moments import Moment, parse_when
from glucolog.core.units import Unit, parse_glucose
from tests.house.docs import PAGES

HELP = Path(str(files("glucolog.help")))
ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
WORKED = sorted(path for path in (ROOT / "glucolog").rglob("*.py") if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_up_to_date(name: str) -> None:
    page = (HELP / name).read_text(encoding="utf-8")
    assert page == PAGES[name](), f"run: python -m tests.house.docs (help/{name} drifted)"


def test_every_command_named_in_a_page_exists() -> None:
    pages = [README, *HELP.glob("*.md")]
    named = {word for page in pages for word in re.findall(r"`glucolog ([a-z]+)", page.read_text(encoding="utf-8"))}
    assert named - set(COMMANDS) == set()


def test_every_command_says_its_line_itself() -> None:
    for name, entry in COMMANDS.items():
        shown = entry.load().get_short_help_str(limit=300)
        assert shown, name


@pytest.mark.parametrize("path", WORKED, ids=lambda path: path.stem)
def test_the_worked_values_in_the_docstrings(path: Path) -> None:
    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    ran = doctest.testmod(module)
    assert ran.attempted > 0
    assert ran.failed == 0


@pytest.mark.parametrize("row", re.findall(r"^\| `([^`]+)`", (HELP / "units.md").read_text("utf-8"), re.MULTILINE))
def test_every_value_of_the_units_page_is_read(row: str) -> None:
    unit = Unit.MMOL_L if row == "7,9" else Unit.MG_DL
    assert parse_glucose(row, unit).amount > 0


@pytest.mark.parametrize("row", re.findall(r"^\| `([^`]+)`", (HELP / "time.md").read_text("utf-8"), re.MULTILINE))
def test_every_time_of_the_time_page_is_read(row: str) -> None:
    now = Moment(1_780_000_000, "Europe/Berlin")
    assert parse_when(row, now).zone == "Europe/Berlin"
