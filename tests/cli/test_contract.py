"""The surface others script against, row by row: commands, JSON keys, exit codes, WHEN, VALUE, AREA, settings.

One log is lived in once and copied for each row. What stands here stays put.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from glucolog.cli.app import COMMANDS, run
from tests.cli.conftest import Ran, Shell

READING = {"id", "at", "mg_dl", "mmol_l", "entered", "source", "censored"}
FINDING = {"rule", "level", "message", "inputs", "threshold", "citation"}
CHANGE = {"drop_mg_dl", "rate_mg_dl_per_min", "meter_error_mg_dl", "within_error", "paired_by", "unassessed"}
SESSION = {"before", "after", "followups", "nadir", "change", "findings"}
IMPORT = {"batch", "format", "new", "duplicate", "conflict", "rejected", "counts"}
STATS = {
    "n", "days", "percent_active", "mean_mg_dl", "sd_mg_dl", "cv_percent", "gmi_percent", "ea1c_percent",
    "tir_70_180_percent", "below_70_percent", "below_54_percent", "above_180_percent", "above_250_percent", "lbgi",
    "hbgi", "gri", "mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl", "episodes", "unassessed",
}  # fmt: skip
EFFECT = {
    "n_sessions", "n_matched", "n_unmatched", "naive_mg_dl", "estimate_mg_dl", "ci_low", "ci_high", "p_value", "grade",
    "reason",
}  # fmt: skip
CHECK = {"verdict", "findings", "glucose", "iob_units", "blocked_areas", "recheck_at"}

LIVED = (
    "init --name Ada --unit mg/dL --tz Europe/Berlin --therapy mdi --insulin aspart",
    "insulin add 4 aspart 3h ago abdomen:left",
    "carbs add 30 3h ago",
    "symptom add pain 5",
    "feet add",
    "activity add walk --minutes 20",
    "log --before 142 --after 98 --ago 100m --minutes 30 --area feet",
)

ROWS: list[tuple[str, int, set[str]]] = [
    ("log --before 142 --after 120 --minutes 20 --ago 10m", 0, {"session", "findings"}),
    ("log --before 142 --after 60 --minutes 20 --ago 10m", 10, {"session", "findings"}),
    ("start --before 142", 0, {"session", "findings"}),
    ("again", 0, {"session", "findings"}),
    ("check --area feet --glucose 180", 10, CHECK),
    ("check --glucose 60", 10, CHECK),
    ("due", 10, {"sessions"}),
    ("bg 118", 0, {"reading"}),
    ("reading add 118", 0, {"reading"}),
    ("reading list", 0, {"readings"}),
    ("reading show", 0, {"reading"}),
    ("reading edit @1 --value 120", 0, {"reading"}),
    ("reading delete @1", 0, {"deleted"}),
    ("insulin add 4 aspart", 0, {"insulin"}),
    ("insulin list", 0, {"insulin"}),
    ("carbs add 15 --treatment", 0, {"carbs"}),
    ("carbs list", 0, {"carbs"}),
    ("symptom add stress 3", 0, {"symptom"}),
    ("symptom list", 0, {"symptoms"}),
    ("feet add", 0, {"foot_check"}),
    ("feet list", 0, {"foot_checks"}),
    ("activity add walk", 0, {"activity"}),
    ("activity list", 0, {"activities"}),
    ("session list", 0, {"sessions"}),
    ("session show @1", 0, {"session"}),
    ("session edit @1 --note warm", 0, {"session", "findings"}),
    ("session delete @1", 0, {"deleted"}),
    ("undo", 0, {"undone"}),
    ("history", 0, {"history"}),
    ("import {folder}/cgm.csv", 0, IMPORT),
    ("import {folder}/cgm.csv --dry-run", 0, IMPORT),
    ("review", 0, {"sessions", "lows", "missing"}),
    ("stats", 0, STATS),
    ("effect", 0, EFFECT),
    ("plot paired -o {folder}/p.html", 0, {"file"}),
    ("report -o {folder}/r.json", 0, {"file"}),
    ("report -o {folder}/r.txt", 0, {"file"}),
    ("export json -o {folder}/e.json", 0, {"file"}),
    ("export csv -o {folder}/e.csv", 0, {"file"}),
    ("watch --replay {folder}/replay.csv", 10, {"alarms"}),
    ("person add --name Bea --unit mmol/L --tz UTC --therapy none", 0, {"person"}),
    ("person list", 0, {"people"}),
    ("person show", 0, {"person"}),
    ("person edit --born 1980", 0, {"person"}),
    ("db info", 0, {"path", "version"}),
    ("db check", 0, {"path", "problems"}),
    ("db backup -o {folder}/copy.db", 0, {"backup"}),
    ("db upgrade", 0, {"before", "after"}),
    ("doctor", 0, {"well", "findings"}),
    ("help", 0, {"topics"}),
    ("help time", 0, {"topic", "text"}),
    ("help session edit", 0, {"topic", "text"}),
    ("completion bash", 0, {"shell", "script"}),
]

REFUSED: list[tuple[str, int]] = [
    ("bg 5.6", 4), ("bg 27", 4), ("bg 0", 4), ("bg 900", 4), ("bg one", 4), ("bg 27 --source cgm", 4),
    ("bg 100 --at 2100-01-01", 4), ("bg 100 --at 2026-03-29T02:30", 4), ("bg 100 --at 2025-10-26T02:30", 4),
    ("bg 100 --at soon", 2), ("bg 100 --at 25:00", 2), ("bg 100 --at 1850-01-01", 4),
    ("log --start 2026-01-01T12:00 --end 2026-01-01T11:00", 4), ("log --end 2100-01-01", 4),
    ("log --ago 110m --minutes 30", 4), ("log --ago 9h --minutes 300", 4), ("log --ago 9h --minutes 0", 4),
    ("log --ago 9h --minutes 30 --area footsie", 2), ("log --ago 9h --minutes 30 --area foot:lft", 2),
    ("log --ago 9h --minutes 30 --technique rubbing", 2), ("log --ago 9h --minutes 30 --water 100", 4),
    ("log --ago 9h --minutes 30 --pressure 6", 2), ("log --ago 9h --minutes 30 --pain 11", 2), ("log", 2),
    ("stop", 3), ("session show @9", 3), ("session show zz", 3), ("session delete @0", 3),
    ("reading edit @99 --value 100", 3), ("undo 0", 2), ("redo", 3),
    ("session show @99999999999999999999", 3), ("reading delete @9223372036854775808", 3),
    ("undo 99999999999999999999", 2), ("history --limit 99999999999999999999", 2),
    ("insulin add 400", 4), ("insulin add aspart", 2), ("carbs add lots", 2), ("carbs add 5000", 4),
    ("symptom add pian 5", 2), ("symptom add pain 11", 2), ("activity add walk --minutes 0", 4),
    ("import {folder}/empty.csv", 4), ("import {folder}/binary.csv", 4), ("import {folder}/wrong.csv", 4),
    ("import {folder}/none.csv", 3), ("import {folder}/cgm.csv --tz Mars", 2), ("import", 2),
    ("plot nonsuch -o {folder}/x.html", 2), ("plot paired -o {folder}/none/x.html", 4),
    ("report -o {folder}/r.doc", 2), ("report", 2), ("export nonsuch -o {folder}/x", 2),
    ("effect --outcome nonsuch", 2),
    ("person show Zoe", 3), ("person edit --born 2100", 4), ("person edit --remove-site pump:back", 3),
    ("person edit --target-low 90 --target-high 80", 4), ("--person Zoe bg 100", 3), ("bg 100 --person Zoe", 3),
    ("bg 100 --db {folder}/none.db", 5), ("bg 100 --db {folder}/wrong.csv", 5), ("db restore {folder}/none.db", 3),
    ("init --name Bea --unit mg/dL --tz UTC --therapy none", 4), ("help nonsuch", 3), ("nonsuch", 2),
    ("watch --replay {folder}/empty.csv", 4), ("watch --replay {folder}/none.csv", 3),
    ("log --ago 9h --uid nonsense", 2), ("sync nightscout", 2), ("completion tcsh", 2),
]  # fmt: skip


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log that was lived in, and the files that rows bring in."""
    folder = tmp_path_factory.mktemp("lived")
    with pytest.MonkeyPatch.context() as patched:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"):
            patched.setenv(name, str(folder / name.lower()))
        patched.setenv("GLUCOLOG_DB", str(folder / "log.db"))
        for line in LIVED:
            assert run(line.split()) == 0
    (folder / "cgm.csv").write_text(
        "time,glucose_mg_dl\n2026-03-01T10:00,120\n2026-03-01T10:05,125\n", encoding="utf-8"
    )
    (folder / "replay.csv").write_text("at_min,mg_dl\n0,120\n5,90\n10,60\n15,50\n", encoding="utf-8")
    (folder / "empty.csv").touch()
    (folder / "wrong.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    (folder / "binary.csv").write_bytes(bytes(range(256)) * 20)
    return folder


@pytest.fixture
def lived_in(lived: Path, shell: Shell) -> Shell:
    """A shell in a copy of that log."""
    shutil.copytree(lived, shell.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("xdg_*", "home"))
    return shell


def typed(shell: Shell, line: str) -> Ran:
    words = line.replace("{folder}", str(shell.folder)).split()
    return shell(*words, "--json")


@pytest.mark.parametrize(("line", "code", "keys"), ROWS, ids=[row[0] for row in ROWS])
def test_a_row_answers_with_its_keys_and_nothing_else(lived_in: Shell, line: str, code: int, keys: set[str]) -> None:
    ran = typed(lived_in, line)
    assert ran.code == code, ran.err
    assert keys <= set(ran.document)


@pytest.mark.parametrize(("line", "code"), REFUSED, ids=[row[0] for row in REFUSED])
def test_bad_input_gets_two_sentences_and_stores_nothing(lived_in: Shell, line: str, code: int) -> None:
    before = lived_in("history", "--json").out
    ran = typed(lived_in, line)
    problem, remedy = ran.err.splitlines()
    assert ran.document == {"error": {"problem": problem, "remedy": remedy, "exit_code": code}}
    assert ran.code == code
    assert all(sentence.endswith((".", "?")) for sentence in (problem, remedy))
    assert lived_in("history", "--json").out == before


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_its_help(shell: Shell, name: str) -> None:
    shown = shell("help", name)
    assert (shown.code, shown.err) == (0, "")
    assert f"glucolog {name}" in shown.out


def test_a_session_holds_readings_change_and_findings(lived_in: Shell) -> None:
    session = lived_in.json("session", "show")["session"]
    assert set(session) >= SESSION
    assert set(session["change"]) >= CHANGE
    assert set(session["before"]) >= READING
    assert all(set(finding) == FINDING for finding in session["findings"])
    assert session["findings"]
    assert datetime.fromisoformat(session["before"]["at"]).tzinfo is not None


def test_the_parts_of_stats_import_and_watch(lived_in: Shell) -> None:
    stats = lived_in.json("stats")
    assert (stats["episodes"], "need a sensor" in stats["unassessed"]["episodes"]) == (None, True)
    brought = typed(lived_in, "import {folder}/cgm.csv").document
    assert set(brought["counts"]) >= {"cgm", "meter", "insulin", "carbs", "activity", "note"}
    assert (brought["format"], brought["new"]) == ("generic", 2)
    for alarm in typed(lived_in, "watch --replay {folder}/replay.csv").document["alarms"]:
        assert set(alarm) >= {"kind", "at_min", "reason"}
        assert alarm["kind"] in {"low", "urgent_low", "low_soon", "falling_fast", "no_data"}


@pytest.mark.parametrize("places", ["before", "after", "split"])
def test_global_options_stand_before_or_after_the_command(lived_in: Shell, places: str) -> None:
    options = ["--db", str(lived_in.folder / "log.db"), "--person", "ada", "--json", "--no-input", "--yes"]
    lines = {"before": [*options, "bg", "100"], "after": ["bg", "100", *options]}
    lines["split"] = [*options[:2], "reading", *options[2:4], "add", "100", *options[4:]]
    assert lived_in(*lines[places]).document["reading"]["mg_dl"] == 100


def test_flags_beat_the_environment_and_that_beats_the_config_file(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = {name: str(shell.folder / f"{name}.db") for name in ("flag", "env", "config")}
    for name, path in logs.items():
        shell("init", "--db", path, "--name", name, "--unit", "mg/dL", "--tz", "UTC", "--therapy", "none")
    config = shell.folder / "xdg_config_home" / "glucolog" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"db = {json.dumps(logs['config'])}\nperson = 'config'\n", encoding="utf-8")

    def whose(*words: str) -> str:
        return str(shell.json("person", "show", *words)["person"]["name"])

    monkeypatch.delenv("GLUCOLOG_DB")
    assert whose() == "config"
    monkeypatch.setenv("GLUCOLOG_DB", logs["env"])
    monkeypatch.setenv("GLUCOLOG_PERSON", "env")
    assert whose() == "env"
    assert whose("--db", logs["flag"], "--person", "flag") == "flag"


VALUES: list[tuple[str, str, float, str, str | None]] = [
    ("mg/dL", "142", 142, "mg/dL", None),
    ("mg/dL", "142mg/dL", 142, "mg/dL", None),
    ("mg/dL", "142 MG/DL", 142, "mg/dL", None),
    ("mg/dL", "7.9mmol", 7.9, "mmol/L", None),
    ("mg/dL", "7,9 mmol/L", 7.9, "mmol/L", None),
    ("mg/dL", "LO", 20, "mg/dL", "low"),
    ("mg/dL", "hi", 600, "mg/dL", "high"),
    ("mmol/L", "7,9", 7.9, "mmol/L", None),
    ("mmol/L", "7.9", 7.9, "mmol/L", None),
    ("mmol/L", "142mg/dL", 142, "mg/dL", None),
    ("mmol/L", "LO", 1.1, "mmol/L", "low"),
    ("mmol/L", "HI", 33.3, "mmol/L", "high"),
]


@pytest.mark.parametrize(("unit", "value", "amount", "entered", "censored"), VALUES)
def test_a_value_is_kept_as_it_was_typed(
    shell: Shell, unit: str, value: str, amount: float, entered: str, censored: str | None
) -> None:
    shell("init", "--name", "Ada", "--unit", unit, "--tz", "UTC", "--therapy", "none")
    reading = shell.json("bg", value)["reading"]
    assert reading["entered"] == {"amount": amount, "unit": entered}
    assert reading["censored"] == censored


NOW = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
"""14:00 in Berlin, on the day when the clocks went forward."""
WHENS = {
    "now": "2026-03-29T14:00:00+02:00",
    "13:05": "2026-03-29T13:05:00+02:00",
    "01:59": "2026-03-29T01:59:00+01:00",
    "today 9:30": "2026-03-29T09:30:00+02:00",
    "yesterday 21:00": "2026-03-28T21:00:00+01:00",
    "40m ago": "2026-03-29T13:20:00+02:00",
    "1h30 ago": "2026-03-29T12:30:00+02:00",
    "13h ago": "2026-03-29T00:00:00+01:00",
    "2026-03-01T18:05": "2026-03-01T18:05:00+01:00",
    "2026-03-01 18:05": "2026-03-01T18:05:00+01:00",
    "2026-03-01T18:05Z": "2026-03-01T19:05:00+01:00",
    "2026-03-01T18:05-05:00": "2026-03-02T00:05:00+01:00",
    "2025-10-26T02:30+02:00": "2025-10-26T02:30:00+02:00",
    "2025-10-26T02:30+01:00": "2025-10-26T02:30:00+01:00",
}


class Clock(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """The moment at which it stands."""
        return NOW.astimezone(tz)


@pytest.mark.parametrize(("when", "at"), WHENS.items())
def test_a_when_is_read_on_the_persons_clock(ada: Shell, monkeypatch: pytest.MonkeyPatch, when: str, at: str) -> None:
    monkeypatch.setattr("glucolog.cli.desk.datetime", Clock)
    assert ada.json("bg", "100", "--at", when)["reading"]["at"] == at


@pytest.mark.parametrize("when", ["02:30", "today 02:00", "2026-03-29T02:59"])
def test_a_time_the_clocks_skipped_is_refused(ada: Shell, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setattr("glucolog.cli.desk.datetime", Clock)
    assert ada("bg", "100", "--at", when).code == 4


def test_a_time_the_clocks_showed_twice_asks_for_the_offset(ada: Shell) -> None:
    ran = ada("bg", "100", "--at", "2025-10-26T02:30")
    assert ran.code == 4
    assert ran.err.splitlines()[1] == "Type it with its offset: 2025-10-26T02:30+02:00 or 2025-10-26T02:30+01:00."


@pytest.mark.parametrize(
    ("typed_area", "stored"),
    [
        ("foot:left", ["foot:left"]),
        ("feet", ["foot:both"]),
        ("calf", ["calf"]),
        ("thigh:right", ["thigh:right"]),
        ("abdomen", ["abdomen"]),
        ("back", ["back"]),
        ("legs", ["thigh:both", "calf:both"]),
        ("Feet, calf:l", ["foot:both", "calf:left"]),
    ],
)
def test_an_area_is_read_as_it_is_said(ada: Shell, typed_area: str, stored: list[str]) -> None:
    assert ada.json("log", "--ago", "1h", "--minutes", "20", "--area", typed_area)["session"]["areas"] == stored


def test_ids_are_counted_from_the_last_or_begin_a_uuid(lived_in: Shell) -> None:
    lived_in("log", "--ago", "5h", "--minutes", "20", "--note", "earlier")
    first = lived_in.json("session", "show", "@1")["session"]
    second = lived_in.json("session", "show", "@2")["session"]
    assert (second["note"], first["id"] != second["id"]) == ("earlier", True)
    for session in (first, second):
        assert lived_in.json("session", "show", session["id"])["session"]["id"] == session["id"]
        assert lived_in.json("session", "show", session["id"][:-4])["session"]["id"] == session["id"]


CHANGES = [row[0] for row in ROWS if row[0].split()[0] in {"log", "start", "again", "bg", "reading", "insulin", "carbs",
                                                           "symptom", "feet", "activity", "session"}]  # fmt: skip


@pytest.mark.parametrize("line", [line for line in CHANGES if not {"list", "show"} & set(line.split())])
def test_a_change_says_when_in_which_zone_and_how_to_take_it_back(lived_in: Shell, line: str) -> None:
    ran = lived_in(*line.split())
    assert "glucolog undo" in ran.out
    assert "Europe/Berlin, UTC+" in ran.out
    assert any(day in ran.out for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
    if "mg/dL" in ran.out:
        assert "mmol/L" in ran.out


@pytest.mark.parametrize(
    "line", ["session list", "check --glucose 60", "log --before 142 --after 60 --minutes 20 --ago 10m"]
)
def test_answers_hold_no_colour_codes(lived_in: Shell, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in lived_in(*line.split()).out
