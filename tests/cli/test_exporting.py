"""`export` and the import of an export, as commands: files, modes, encryption, and what is refused."""

from __future__ import annotations

import json
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from glucolog.services.exporting import FORMATS
from tests.cli.conftest import Shell
from tests.conftest import need


@pytest.fixture
def filled(ada: Shell) -> Shell:
    """Ada's log with a session and what belongs to it."""
    ran = ada(
        "log", "--before", "142", "--after", "98", "--ago", "40m", "--minutes", "30", "--area", "foot:left",
        "--insulin", "4 aspart 1h ago abdomen", "--carbs", "15 2h ago", "--pain", "5/0", "--note", "=1+1",
    )  # fmt: skip
    assert ran.code in {0, 10}, ran.err
    return ada


def written(shell: Shell, kind: str, *more: str) -> Path:
    path = shell.folder / f"export.{kind}"
    document = shell.json("export", kind, "-o", str(path), *more)
    assert document["bytes"] == path.stat().st_size
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_written_for_its_owner_alone(filled: Shell, kind: str) -> None:
    path = written(filled, kind)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(filled.folder.glob(".export*")) == []


def test_the_help_names_every_format(ada: Shell) -> None:
    shown = ada("export", "--help").out
    assert all(kind in shown for kind in FORMATS)


def test_the_help_page_names_every_format() -> None:
    page = (files("glucolog.help") / "export.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(FORMATS)


def test_everyone_goes_into_one_file_and_comes_out_of_it(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    filled("person", "add", "--name", "Bea", "--unit", "mmol/L", "--tz", "UTC", "--therapy", "none")
    filled("bg", "7.9", "--person", "Bea")
    path = written(filled, "json", "--everyone")
    monkeypatch.setenv("GLUCOLOG_DB", str(filled.folder / "other.db"))
    ran = filled("import", str(path))
    assert ran.code == 0, ran.err
    assert "A log was begun at" in ran.out
    assert "Ada, Bea" in ran.out
    again = filled.folder / "again.json"
    filled("export", "json", "-o", str(again), "--everyone")
    assert again.read_bytes() == path.read_bytes()
    assert filled("undo", "--person", "Ada").code == 0
    assert [one["name"] for one in filled("person", "list", "--json").document["people"]] == ["Bea"]
    assert filled("undo", "--person", "Bea").code == 0
    assert filled("person", "list", "--json").document["people"] == []


def test_everyone_is_for_json_alone(filled: Shell) -> None:
    ran = filled("export", "fhir", "-o", str(filled.folder / "x"), "--everyone")
    assert ran.code == 2
    assert "one person" in ran.err


def test_an_unknown_format_is_refused_with_the_nearest(ada: Shell) -> None:
    ran = ada("export", "fihr", "-o", str(ada.folder / "x"))
    assert ran.code == 2
    assert "fhir" in ran.err
    assert not (ada.folder / "x").exists()


def test_a_folder_that_is_not_there_is_refused(ada: Shell) -> None:
    assert ada("export", "csv", "-o", str(ada.folder / "no" / "x.csv")).code == 4


def test_an_export_begins_a_log_where_there_is_none(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(filled, "json")
    monkeypatch.setenv("GLUCOLOG_DB", str(filled.folder / "other.db"))
    done = filled.json("import", str(path))
    assert (done["format"], done["duplicate"], done["conflict"], done["rejected"]) == ("glucolog", 0, 0, [])
    assert done["new"] > 5
    again = filled.folder / "again.json"
    filled("export", "json", "-o", str(again))
    assert again.read_bytes() == path.read_bytes()
    assert filled.json("import", str(path))["new"] == 0
    assert "for Ada" in filled("import", str(path)).out


def test_an_export_beside_another_file_needs_no_person_first(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(filled, "json")
    other = filled.folder / "meter.csv"
    other.write_text("time,glucose_mg_dl,source\n2026-01-01T10:00:00,120,meter\n")
    monkeypatch.setenv("GLUCOLOG_DB", str(filled.folder / "other.db"))
    done = filled.json("import", str(other), str(path))
    assert {item["format"] for item in done["imports"]} == {"glucolog", "generic"}


def test_deidentified_files_hold_no_name_and_the_secret_is_private(filled: Shell) -> None:
    path = written(filled, "json", "--deidentify")
    assert "Ada" not in path.read_text()
    assert "=1+1" not in path.read_text()
    secret = next(filled.folder.rglob("deidentify.json"))
    assert secret.stat().st_mode & 0o777 == 0o600
    first = json.loads(path.read_text())
    again = json.loads(written(filled, "json", "--deidentify").read_text())
    assert first["readings"] == again["readings"]


def test_a_damaged_secret_is_said_and_never_replaced(filled: Shell) -> None:
    written(filled, "csv", "--deidentify")
    secret = next(filled.folder.rglob("deidentify.json"))
    secret.write_text("{")
    assert filled("export", "csv", "-o", str(filled.folder / "x"), "--deidentify").code == 4
    assert secret.read_text() == "{"


TRACE = b"sooner-than-chance-would-write-it"
"""Written into the log: bytes under a key hold three given letters by chance."""


@pytest.fixture
def pyrage() -> Any:
    """The age library."""
    try:
        import pyrage  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        need(False, "pyrage")
    return pyrage


def test_an_encrypted_export_opens_for_its_recipients_alone(filled: Shell, pyrage: Any) -> None:
    assert filled("bg", "120", "--note", TRACE.decode()).code == 0
    plain = written(filled, "json").read_bytes()
    assert TRACE in plain
    doctor, nurse, stranger = (pyrage.x25519.Identity.generate() for _ in range(3))
    to = [option for one in (doctor, nurse) for option in ("--encrypt-to", str(one.to_public()))]
    sealed = written(filled, "json", *to).read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1")
    assert TRACE not in sealed
    assert pyrage.decrypt(sealed, [doctor]) == pyrage.decrypt(sealed, [nurse]) == plain
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [stranger])


def test_an_encrypted_report_opens(filled: Shell, pyrage: Any) -> None:
    identity = pyrage.x25519.Identity.generate()
    path = filled.folder / "report.txt.age"
    ran = filled("report", "-o", str(path), "--encrypt-to", str(identity.to_public()))
    assert ran.code == 0, ran.err
    assert b"Ada" in pyrage.decrypt(path.read_bytes(), [identity])


@pytest.mark.parametrize("who", ["bea@example.org", "age1", "ssh-ed25519 AAAA", ""])
def test_what_is_no_recipient_is_refused_and_nothing_is_written(filled: Shell, pyrage: Any, who: str) -> None:
    path = filled.folder / "x.json"
    assert filled("export", "json", "-o", str(path), "--encrypt-to", who).code == 2
    assert not path.exists()


def test_without_the_extra_encryption_says_how_to_get_it(filled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    ran = filled("export", "json", "-o", str(filled.folder / "x"), "--encrypt-to", "age1x")
    assert ran.code == 2
    assert "glucolog[encrypt]" in ran.err


@pytest.mark.parametrize("command", [("export", "csv"), ("report",), ("plot", "agp")])
def test_a_range_that_ends_before_it_begins_is_refused(filled: Shell, command: tuple[str, ...]) -> None:
    path = filled.folder / "backwards.html"
    ran = filled(*command, "-o", str(path), "--since", "2026-05-02", "--until", "2026-05-01")
    assert ran.code == 2
    assert "ends before it begins" in ran.err
    assert not path.exists()
