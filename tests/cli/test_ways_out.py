"""Every way out of the command line: two sentences on stderr and an exit code, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
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


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "\x1b[31m", "x" * 101])
def test_a_name_that_does_not_print_is_refused(shell: Shell, name: str) -> None:
    ran = shell("init", "--name", name, "--unit", "mg/dL", "--tz", "UTC", "--therapy", "none")
    assert ran.code == 4
    assert not (shell.folder / "log.db").exists()


@pytest.mark.parametrize("option", ["--db", "--person"])
def test_an_empty_global_option_does_not_mean_the_default(ada: Shell, option: str) -> None:
    assert ada(option, "", "bg", "100").code == 2
    assert ada.json("reading", "list")["readings"] == []
