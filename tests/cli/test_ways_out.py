"""Every way out of the command line: two sentences on stderr and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from glucolog.cli import screen
from tests.cli.conftest import Shell


@pytest.mark.parametrize(
    "arguments",
    [
        ("log", "--pressure", "6"),
        ("log", "--ago", "40m", "--end", "12:00"),
        ("bg",),
        ("bg", "100", "200"),
        ("bg", "--nope"),
        ("undo", "0"),
        ("session", "delete"),
        ("symptom", "add", "pain", "11"),
        ("completion", "tcsh"),
        ("nonsuch",),
    ],
    ids=" ".join,
)
def test_words_that_do_not_fit_are_answered_in_two_lines(ada: Shell, arguments: tuple[str, ...]) -> None:
    ran = ada(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 2
    assert all(line.endswith((".", "?")) for line in ran.err.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [("log", "--ago", "99999999999h"), ("log", "--start", "0001-01-01"), ("bg", "100", "--at", "9999-12-31T23:59")],
    ids=" ".join,
)
def test_times_off_the_calendar_are_refused(ada: Shell, arguments: tuple[str, ...]) -> None:
    ran = ada(*arguments)
    assert ran.code == 4
    assert len(ran.err.splitlines()) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full device is a Linux thing")
def test_a_full_disk_behind_the_output_is_said(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "glucolog", "help", "rules"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode == 5
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    "option", ["--start", "--end", "--ago", "--minutes", "--area", "--technique", "--by", "--position", "--pain"]
)
def test_an_empty_value_is_not_taken_for_nothing_said(ada: Shell, option: str) -> None:
    assert ada("log", option, "").code == 2
    assert ada.json("session", "list")["sessions"] == []


def test_what_people_wrote_does_not_steer_the_terminal(ada: Shell) -> None:
    ada("activity", "add", "walk\x1b[31m\u202e")
    listed = ada("activity", "list").out
    assert "walk" in listed
    assert not {"\x1b", "\u202e"} & set(listed)


STEERING = "\x1b]0;x\x07\x7f\x9b31m\u202e\u2066"
SIGNS = {sign for sign in STEERING if not sign.isprintable()}


def test_a_name_that_came_with_a_file_does_not_steer_the_terminal_either(ada: Shell) -> None:
    """Whoever sends somebody an export chose every word in it, also those that could not be typed."""
    ada("export", "json", "-o", str(ada.folder / "log.json"))
    document = json.loads((ada.folder / "log.json").read_text("utf-8"))
    document["persons"][0]["name"] = STEERING
    (ada.folder / "hostile.json").write_text(json.dumps(document), "utf-8")
    other = ("--db", str(ada.folder / "other.db"))
    for words in (("import", str(ada.folder / "hostile.json")), ("person", "list"), ("watch", "--for", "0.001")):
        ran = ada(*words, *other)
        assert ran.code in {0, 10}, ran.err
        assert not SIGNS & set(ran.out.removeprefix(screen.BELL) + ran.err), words


def test_a_document_is_as_harmless_on_a_screen_and_says_the_same() -> None:
    written = screen.as_json({"name": STEERING, "ü": [1.5, None]})
    assert not SIGNS & set(written)
    assert json.loads(written) == {"name": STEERING, "ü": [1.5, None]}


def test_a_question_at_a_terminal_is_harmless_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    for name in ("confirm", "prompt"):
        monkeypatch.setattr(click, name, lambda text, **_: asked.append(text))
    screen.is_sure(f"{STEERING}: log it?")
    screen.ask(STEERING)
    assert not SIGNS & set("".join(asked))


@pytest.mark.parametrize("endless", ["x" * 70_000, "x " * 35_000, "“x" * 35_000, "“x " * 35_000])
def test_a_sentence_quotes_only_the_beginning_of_what_has_no_end(ada: Shell, endless: str) -> None:
    for words in (("bg", endless), ("--person", endless, "bg", "99")):
        ran = ada(*words)
        assert ran.code in {2, 3, 4}
        assert "…" in ran.err
        assert len(ran.err) < 2_100


def test_a_defect_is_told_by_its_place_and_quotes_nothing(ada: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("words of the log")

    monkeypatch.setattr("glucolog.services.looking.stats", broken)
    ran = ada("stats", "--json")
    assert ran.code == 1
    assert "words of the log" not in ran.out + ran.err
    assert re.search(r"defect of its own \(ValueError in cli/commands/looking\.py, line \d+\)", ran.err)
    assert ran.document["error"]["exit_code"] == 1


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "\x1b[31m", "x" * 101])
def test_a_name_that_does_not_print_is_refused(shell: Shell, name: str) -> None:
    ran = shell("init", "--name", name, "--unit", "mg/dL", "--tz", "UTC", "--therapy", "none")
    assert ran.code == 4
    assert not (shell.folder / "log.db").exists()


@pytest.mark.parametrize("option", ["--db", "--person"])
def test_an_empty_global_option_does_not_mean_the_default(ada: Shell, option: str) -> None:
    assert ada(option, "", "bg", "100").code == 2
    assert ada.json("reading", "list")["readings"] == []


@pytest.mark.parametrize(
    ("arguments", "problem", "remedy"),
    [
        (("log", "--befor", "100"), "There is no option “--befor”.", "Did you mean --before?"),
        (("log", "--before"), "--before needs a value after it.", "`glucolog log --help` shows how it goes."),
        (("log", "--pressure", "hard"), "“hard” does not fit --pressure.", "Type a whole number from 1 to 5."),
        (("log", "--water", "hot"), "“hot” does not fit --water.", "Type a number."),
        (("stats", "--source", "libre"), "“libre” is not a word for --source glucolog knows.", "Known: cgm, meter."),
        (("bg",), "Still needed: VALUE.", "`glucolog bg --help` shows how it goes."),
        (("insulin", "ad"), "glucolog insulin has no command “ad”.", "Did you mean add?"),
        (("reading", "142"), "glucolog reading has no command “142”.", "To store it: `glucolog reading add 142 …`."),
        (("log", "--minuts", "3"), "There is no option “--minuts”.", "Did you mean --minutes?"),
        (("log", "--side", "left"), "There is no option “--side”.", "`glucolog log --help` shows how it goes."),
        (("log", "--before", "142", "--before", "120"), "--before is said twice.", "Say it once."),
        (("log", "--lotion", "--no-lotion"), "--lotion is said twice.", "Say it once."),
        (("log", "--tag", " "), "--tag is empty.", "Say what it is, or leave it out."),
        (("activity", "add", ""), "KIND is empty.", "Say what it is, or leave it out."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_does_not_fit_is_said_in_plain_words(
    shell: Shell, arguments: tuple[str, ...], problem: str, remedy: str
) -> None:
    ran = shell(*arguments)
    assert (ran.code, ran.out, ran.err.splitlines()) == (2, "", [problem, remedy])


@pytest.mark.parametrize("arguments", [("bg", "5.6"), ("session", "show", "@1"), ("log", "--befor", "1"), ("nonsuch",)])
def test_an_error_under_json_is_one_document_too(ada: Shell, arguments: tuple[str, ...]) -> None:
    ran = ada(*arguments, "--json")
    problem, remedy = ran.err.splitlines()
    assert ran.document == {"error": {"problem": problem, "remedy": remedy, "exit_code": ran.code}}


def test_a_decimal_comma_fits_wherever_a_number_does(ada: Shell) -> None:
    assert ada.json("log", "--water", "36,5", "--ago", "1h", "--minutes", "20")["session"]["water_c"] == 36.5


@pytest.mark.parametrize("option", ["--tag", "--by-name"])
@pytest.mark.parametrize("text", ["a\nb", "\x1b[31m", "x" * 101])
def test_a_tag_or_a_name_is_one_short_line(ada: Shell, option: str, text: str) -> None:
    ran = ada("log", "--ago", "1h", "--minutes", "20", option, text)
    assert (ran.code, len(ran.err.splitlines())) == (4, 2)
    assert ada.json("session", "list")["sessions"] == []


def test_a_tag_said_twice_is_one_tag(ada: Shell) -> None:
    logged = ada.json("log", "--ago", "1h", "--minutes", "20", "--tag", "warm ", "--tag", "warm", "--tag", "late")
    assert logged["session"]["tags"] == ["warm", "late"]
