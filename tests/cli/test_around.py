"""The rest of a day: check, due, watch, stats, effect, plots, reports, people, the file, the demo."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from glucolog.plots import PLOT_KINDS
from tests.cli.conftest import Shell


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo log, made once."""
    from glucolog.cli.app import run

    folder = tmp_path_factory.mktemp("demo")
    assert run(["demo", "-o", str(folder)]) == 0
    return folder


def in_demo(shell: Shell, folder: Path, *arguments: str) -> Any:
    return shell("--db", str(folder / "demo.db"), *arguments)


def test_check_is_never_go_without_a_recent_reading(ada: Shell) -> None:
    document = ada.json("check", "--area", "calf", code=10)
    assert document["verdict"] == "not_yet"
    assert document["glucose"] is None
    assert document["low_risk"]["30"]["probability"] is None
    assert document["low_risk"]["30"]["reason"]


@pytest.mark.parametrize(
    ("glucose", "verdict"), [("69", "stop"), ("3.8mmol", "stop"), ("70", "not_yet"), ("89", "not_yet")]
)
def test_check_follows_the_bands(ada: Shell, glucose: str, verdict: str) -> None:
    ada("insulin", "add", "10", "tresiba", "20h", "ago", "buttock:left")
    document = ada.json("check", "--area", "calf", "--glucose", glucose, code=10)
    assert document["verdict"] == verdict
    assert {"verdict", "findings", "glucose", "iob_units", "blocked_areas", "recheck_at"} <= set(document)


def test_a_low_comes_first_with_what_to_do(ada: Shell) -> None:
    ran = ada("check", "--glucose", "3.4mmol", "--area", "thigh")
    verdict, _, low, emergency, *_ = ran.out.splitlines()
    assert verdict == "Stop: do not start now."
    assert low.startswith("  !!! 61 mg/dL (3.4 mmol/L) is below 70 mg/dL: a low. Treat it now, by your plan: ")
    assert "nothing by mouth" in emergency
    document = ada.json("check", "--glucose", "61", code=10)
    assert document["low"]["steps"][-1] == emergency.strip()
    assert ada.json("check", "--glucose", "70", code=10)["low"] is None


def test_check_blocks_a_recent_injection_site_and_frees_the_rest(ada: Shell) -> None:
    ada("insulin", "add", "4", "aspart", "1h", "ago", "thigh:left")
    document = ada.json("check", "--area", "thigh:left", "--area", "calf", "--glucose", "160", code=10)
    assert document["blocked_areas"] == ["thigh:left"]
    assert "calf" in " ".join(document["free_areas"])


def test_a_low_after_two_sessions_is_one_low(ada: Shell) -> None:
    for ago in ("4h", "3h"):
        ada("log", "--before", "150", "--minutes", "20", "--ago", ago, "--area", "calf", "--yes")
    ada("bg", "62", "--at", "2h ago")
    assert "2 sessions, 1 low after." in ada("review").out
    assert len(ada.json("review")["lows"]) == 2


def test_due_lists_the_rechecks(ada: Shell) -> None:
    ada("log", "--before", "142", "--after", "130", "--minutes", "30", "--ago", "31m")
    document = ada.json("due", code=10)
    assert document["due"] is True
    status = {check["name"]: check["status"] for check in document["sessions"][0]["checks"]}
    assert (status["0"], status["30"]) == ("done", "due")  # one before bed may stand between them


def test_due_says_the_low_that_stands_during_a_session_and_without_one(ada: Shell) -> None:
    ada("bg", "120", "--at", "40m ago")
    assert ada.json("due")["low"] is None
    ada("start", "--area", "calf", "--at", "30m ago")
    ada("bg", "61", "--at", "1m ago")
    document = ada.json("due", code=10)
    assert (document["due"], document["sessions"]) == (True, [])
    assert document["low"]["message"].endswith("is below 70 mg/dL.")
    told = ada("due").out.splitlines()
    assert told[0].startswith("!!! Your last reading, 61 mg/dL at")
    assert told[-2].startswith("A session runs since")


def test_watch_replays_a_file(ada: Shell, tmp_path: Path) -> None:
    path = tmp_path / "replay.csv"
    rows = "".join(f"{minute},{120 - 2 * minute}\n" for minute in range(-15, 31, 5))
    path.write_text(f"at_min,mg_dl\n{rows}", encoding="utf-8")
    document = ada.json("watch", "--replay", str(path), code=10)
    assert {"kind", "at_min", "reason"} <= set(document["alarms"][0])
    assert "low" in {alarm["kind"] for alarm in document["alarms"]}


@pytest.mark.parametrize(
    ("text", "code", "rejected"),
    [
        (" AT_MIN ; MG_DL \n0;60,5\n5;58\n", 10, []),
        ("at_min\tmg_dl\n\n0\t60\n\n5\tnan\n", 10, [5]),
        ("at_min,mg_dl\n0,60\n1e300,58\n", 10, [3]),
        ("at_min,mg_dl,carbs_g\n0,60,\n5,58,\n10,4", 10, [4]),
        ("at_min,mg_dl\n0,160\n", 0, []),
        ("at_min,mg_dl\nx,60\n", 4, None),
        ("at_min,mg_dl\n", 4, None),
        ("at_min,mmol_l\n0,3.2\n", 10, []),
        ("at_min;MMOL_L\n0;3,2\n5;58\n", 10, [3]),
        ("at_min,glucose\n0,3.2\n", 4, None),
        ("", 4, None),
    ],
)
def test_watch_replays_what_can_be_read_and_says_the_rest(
    ada: Shell, tmp_path: Path, text: str, code: int, rejected: list[int] | None
) -> None:
    path = tmp_path / "replay.csv"
    path.write_text(text, encoding="utf-8")
    ran = ada("watch", "--replay", str(path), "--json")
    assert (ran.code, "Traceback" in ran.err) == (code, False)
    if rejected is None:
        assert ran.err
    else:
        assert [problem["line"] for problem in ran.document["rejected"]] == rejected


def test_watch_follows_the_log_and_runs_a_command(ada: Shell, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    command = f"tee {told}"
    ada("bg", "62", "--at", "1m ago")
    assert ada("watch", "--for", "0.01", "--every", "600", "--exec", command).code == 10
    assert json.loads(told.read_text(encoding="utf-8"))["kind"] == "low"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "The command of --exec ended with 1."),
        ("no-such-command", "The command of --exec failed:"),
        ("say 'it", "The command of --exec failed:"),
    ],
)
def test_an_alarm_is_told_whatever_becomes_of_the_command(ada: Shell, command: str, said: str) -> None:
    ada("bg", "62", "--at", "1m ago")
    ran = ada("watch", "--for", "0.01", "--exec", command)
    assert ran.code == 10
    assert "Low: 62 mg/dL" in ran.out
    assert said in ran.err


def test_a_command_that_hangs_ends_with_all_it_began(
    ada: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glucolog.cli.commands.watching.EXEC_TIMEOUT_S", 0.2)
    outlived, began_s = tmp_path / "outlived", time.monotonic()
    ada("bg", "62", "--at", "1m ago")
    ran = ada("watch", "--for", "0.01", "--exec", f"sh -c '(sleep 2; touch {outlived}) & wait'")
    assert ran.code == 10
    assert "was still running after 0.2 s and was stopped" in ran.err
    time.sleep(max(0.0, began_s + 3 - time.monotonic()))
    assert not outlived.exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-command", "There is no program “no-such-command”"),
        ("say 'it", "can't be read (No closing quotation)"),
        ("true", ""),
    ],
)
def test_a_command_that_can_not_be_run_is_said_before_there_is_an_alarm(ada: Shell, command: str, said: str) -> None:
    ada("bg", "120", "--at", "1m ago")
    ran = ada("watch", "--for", "0.01", "--exec", command)
    assert ran.code == 0
    assert (said in ran.err, "--exec" in ran.err) == (True, bool(said))


def test_a_replay_speaks_in_the_persons_unit_and_on_their_clock(ben: Shell, tmp_path: Path) -> None:
    path = tmp_path / "replay.csv"
    path.write_text("time,mg_dl\n2026-03-01T10:00,62\n2026-03-01T10:05,60\n", encoding="utf-8")
    ran = ben("watch", "--replay", str(path))
    assert ran.out.startswith("2026-03-01 10:00  Low: 3.4 mmol/L")
    assert ben.json("watch", "--replay", str(path), code=10)["alarms"][0]["at"] == "2026-03-01T10:00:00+01:00"


def test_a_replay_needs_no_log_and_then_speaks_in_the_files_unit(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "replay.csv"
    path.write_text("at_min,mmol_l\n0,3.2\n5,3.1\n", encoding="utf-8")
    ran = shell("watch", "--replay", str(path))
    assert ran.code == 10
    assert ran.out.strip().startswith("0 min  Low: 3.2 mmol/L, below 3.9 mmol/L")
    assert shell("--person", "Ada", "watch", "--replay", str(path)).code == 5


@pytest.mark.parametrize(
    "option", ["--for 1m", "--every 15", "--exec true", "--snooze low=5m", "--url https://x.example"]
)
def test_a_replay_refuses_what_it_would_leave_unheard(ada: Shell, tmp_path: Path, option: str) -> None:
    path = tmp_path / "replay.csv"
    path.write_text("at_min,mg_dl\n0,60\n", encoding="utf-8")
    ran = ada("watch", "--replay", str(path), *option.split())
    assert ran.code == 2
    assert f"{option.split(maxsplit=1)[0]} means nothing to it" in ran.err


def test_stats_have_the_contracts_keys(shell: Shell, demo_folder: Path) -> None:
    document = in_demo(shell, demo_folder, "stats", "--json").document
    keys = {
        "n", "days", "percent_active", "mean_mg_dl", "sd_mg_dl", "cv_percent", "gmi_percent", "ea1c_percent",
        "tir_70_180_percent", "below_70_percent", "below_54_percent", "above_180_percent", "above_250_percent", "lbgi",
        "hbgi", "gri", "mage_mg_dl", "modd_mg_dl", "conga_24_mg_dl", "episodes", "unassessed",
    }  # fmt: skip
    assert keys <= set(document)
    assert {"level_1", "level_2", "extended"} <= set(document["episodes"])


def test_stats_say_targets_events_the_night_and_each_day(shell: Shell, demo_folder: Path) -> None:
    document = in_demo(shell, demo_folder, "stats", "--json").document
    told = in_demo(shell, demo_folder, "stats", "--by-day").out
    lows = document["episodes"]
    assert f"{lows['level_1']} ({lows['level_2']} under 54, {lows['extended']} longer than 2 h)" in told
    assert sum("(target" in line for line in told.splitlines()) == len(document["targets"]) == 5
    night = document["overnight"]
    assert f"below 70 {night['shares']['below_70_percent']:.1f} %" in line_of(told, "Night 00:00–06:00")
    for day in document["per_day"]:
        label = f"{date.fromisoformat(day['day']):%a %d %b %Y}"
        assert f"{day['n']:,} readings" in line_of(told, label)


def line_of(text: str, label: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"  {label}"))


def test_finger_sticks_show_the_share_of_readings_they_speak_of(ada: Shell) -> None:
    for hour, value in enumerate(("60", "100", "150", "190"), start=10):
        assert ada("bg", value, "--at", f"yesterday {hour}:00").code in {0, 10}
    told = ada("stats").out
    assert "50.0 % of readings" in line_of(told, "In range 70–180 mg/dL")
    assert "25.0 % of readings" in line_of(told, "Below 70")
    assert "target" not in told
    (reason,) = [line for line in told.splitlines() if "need a sensor" in line]
    assert reason.startswith("  MAGE, MODD, CONGA 24, GRI, Sensor active: – (")


def test_an_empty_log_says_one_thing_and_what_to_do(ada: Shell) -> None:
    assert ada("stats").out.splitlines()[-2:] == [
        "There are no readings in this range of days.",
        "Bring in what a meter, a sensor or an app has: glucolog import FILE",
    ]
    assert ada("review").out.splitlines() == [
        "No sessions in that time. Log one with: glucolog log --ago 10m --minutes 30 --area feet"
    ]


def test_the_help_of_plot_names_every_kind(shell: Shell) -> None:
    told = " ".join(shell("plot", "--help").out.split())
    assert f"KIND is one of {', '.join(PLOT_KINDS)}." in told


def test_a_dose_can_be_timed_by_the_twelve_hour_clock(ada: Shell) -> None:
    ada("insulin", "add", "4", "aspart", "yesterday", "9:30", "pm", "abdomen:left")
    (dose,) = ada.json("insulin", "list")["insulin"]
    assert (dose["at"][11:16], dose["name"], dose["site"]) == ("21:30", "aspart", "abdomen:left")


def test_an_empty_log_has_reasons_instead_of_numbers(ada: Shell) -> None:
    document = ada.json("stats")
    assert document["mean_mg_dl"] is None
    assert document["unassessed"]["mean_mg_dl"]
    effect = ada.json("effect")
    assert (effect["grade"], effect["estimate_mg_dl"], effect["n_sessions"]) == ("none", None, 0)
    assert effect["reason"]


def test_the_demos_log_is_sound_to_the_bottom(shell: Shell, demo_folder: Path) -> None:
    ran = in_demo(shell, demo_folder, "db", "check", "--deep")
    assert ran.code == 0, ran.out[:500]


def test_the_demo_is_made_up_and_complete(shell: Shell, demo_folder: Path) -> None:
    review = in_demo(shell, demo_folder, "review", "--json").document
    assert 38 <= len(review["sessions"]) <= 45
    assert len({low["session"] for low in review["lows"]}) == 2
    rules = {finding["rule"] for session in review["sessions"] for finding in session["findings"]}
    assert any("site" in rule or "bolus" in rule for rule in rules)
    techniques = {word for session in review["sessions"] for word in session["techniques"]}
    assert len(techniques) >= 4
    assert "made up" in (demo_folder / "report.html").read_text(encoding="utf-8")
    offsets = {session["start"][-6:] for session in review["sessions"]}
    assert offsets == {"+01:00", "+02:00"}


def test_the_effect_of_the_demo_is_told_beside_the_plain_number(shell: Shell, demo_folder: Path) -> None:
    document = in_demo(shell, demo_folder, "effect", "--json").document
    assert document["grade"] == "estimate"
    assert document["ci_low"] <= document["estimate_mg_dl"] <= document["ci_high"]
    assert document["naive_mg_dl"] > document["estimate_mg_dl"] + 15
    told = in_demo(shell, demo_folder, "effect").out
    assert "This is an association" in told
    assert "The plain number misleads" in told


KINDS = (
    "session",
    "paired",
    "aligned",
    "effect",
    "covariates",
    "agp",
    "calendar",
    "timeline",
    "symptoms",
    "feet",
    "overnight",
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_plot_is_drawn(shell: Shell, demo_folder: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.html"
    ran = in_demo(shell, demo_folder, "plot", kind, "-o", str(path))
    assert ran.code == 0, ran.err
    assert "default-src 'none'" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["html", "pdf", "txt", "json"])
def test_reports_are_written_privately(shell: Shell, demo_folder: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"report.{ending}"
    assert in_demo(shell, demo_folder, "report", "-o", str(path)).code == 0
    assert path.stat().st_mode & 0o077 == 0
    assert path.stat().st_size > 1000


def test_a_report_of_nothing_says_what_is_missing(ada: Shell, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    assert ada("report", "-o", str(path)).code == 0
    assert "No massage session" in path.read_text(encoding="utf-8") or "no session" in path.read_text("utf-8").lower()


def test_bad_outputs_are_refused(ada: Shell, tmp_path: Path) -> None:
    assert ada("report", "-o", str(tmp_path / "report.doc")).code == 2
    assert ada("report", "-o", str(tmp_path / "nowhere" / "report.html")).code == 4
    assert ada("plot", "agp", "-o", str(tmp_path / "agp.pdf")).code == 2
    assert not list(tmp_path.glob("agp*"))
    assert ada("plot", "pared", "-o", str(tmp_path / "x.html")).code == 2


def test_people(ada: Shell) -> None:
    added = ada.json("person", "add", "--name", "Ben", "--unit", "mmol/L", "--tz", "UTC", "--therapy", "none")
    assert added["person"]["name"] == "Ben"
    assert ada("bg", "142").code == 2
    assert ada("--person", "ben", "bg", "7.9").code == 0
    edited = ada.json("--person", "Ben", "person", "edit", "--site", "pump:abdomen", "--neuropathy", "peripheral")
    assert edited["person"]["sites"][0]["place"] == "abdomen"
    assert ada("person", "add", "--name", "BEN", "--unit", "mg/dL", "--tz", "UTC", "--therapy", "none").code == 4
    assert ada("--person", "Eve", "bg", "142").code == 3


def test_the_file_is_looked_after(ada: Shell, tmp_path: Path) -> None:
    ada("bg", "142")
    assert ada.json("db", "info")["readings"] == 1
    assert ada.json("db", "check", "--deep")["sound"] is True
    backup = tmp_path / "backup.db"
    assert ada("db", "backup", "-o", str(backup)).code == 0
    ada("bg", "150")
    assert ada("db", "restore", str(backup), "--no-input").code == 4
    restored = ada("db", "restore", str(backup), "--yes")
    assert restored.code == 0
    assert "add reading" in restored.out
    assert ada.json("db", "info")["readings"] == 1


def test_help_lists_topics_and_shows_commands(shell: Shell) -> None:
    assert {"units", "time", "sessions", "rules", "errors"} <= set(shell.json("help")["topics"])
    assert "Finger" in shell("help", "rules").out or "threshold" in shell("help", "rules").out
    assert "--before" in shell("help", "log").out
    assert shell("help", "nothing").code == 3
    assert "_GLUCOLOG_COMPLETE" in shell("completion", "bash").out


def test_a_foot_with_a_blister_is_free_but_for_that_region(ada: Shell) -> None:
    ada("feet", "add", "--finding", "left heel blister")
    summary = ada("check", "--glucose", "140", "--area", "feet").out.splitlines()[0]
    assert summary.endswith("Free: left foot but for heel, right foot.")
