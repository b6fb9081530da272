"""Guided prompts, typed at a real terminal: a wrong word is asked again, Enter skips, nothing asks without a person."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pty = pytest.importorskip("pty")
INIT = ("--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")


class Terminal:
    """A pseudo-terminal of its own for each command; what is typed is there before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "GLUCOLOG_DB": str(folder / "log.db"), "XDG_CONFIG_HOME": str(folder)}

    def start(self, *arguments: str) -> tuple[subprocess.Popen[str], int]:
        """Start a command; return it and the keyboard."""
        keyboard, screen = pty.openpty()
        words = (sys.executable, "-m", "glucolog", *arguments)
        child = subprocess.Popen(
            words, stdin=screen, stderr=screen, stdout=subprocess.PIPE, text=True, env=self.environment
        )
        os.close(screen)
        return child, keyboard

    def __call__(self, *arguments: str, typed: tuple[str, ...] = (), code: int = 0) -> str:
        """Run a command with lines typed at it; return what it printed on stdout."""
        child, keyboard = self.start(*arguments)
        os.write(keyboard, "".join(f"{line}\n" for line in typed).encode())
        out, _ = child.communicate(timeout=60)
        os.close(keyboard)
        assert child.returncode == code, out
        return out

    def json(self, *arguments: str) -> Any:
        """Run a command that must not ask and return its document."""
        return json.loads(self(*arguments, "--json"))


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal on an empty machine."""
    return Terminal(tmp_path)


def test_init_asks_until_it_knows_the_person(terminal: Terminal) -> None:
    words = ("", "Tia", "mgg", "mmol", "Europe/Berln", "Europe/Berlin", "pens", "mdi")
    terminal("init", typed=(*words, "aspart, tresiba", "maybe", "y", "peripheral", ""))
    person = terminal.json("person", "show")["person"]
    assert (person["name"], person["unit"], person["tz"], person["therapy"]) == (
        "Tia",
        "mmol/L",
        "Europe/Berlin",
        "mdi",
    )
    assert [insulin["name"] for insulin in person["insulins"]] == ["aspart", "tresiba"]
    assert (person["impaired_awareness"], person["protective_sensation_lost"]) == (True, None)
    assert person["neuropathies"] == ["peripheral"]


def test_log_with_nothing_said_asks(terminal: Terminal) -> None:
    terminal("init", *INIT)
    terminal("log", typed=("27", "148", "108", "20m", "30", "elbo", "feet, calf:left", "", "5/3"))
    session = terminal.json("session", "show")["session"]
    assert (session["before"]["mg_dl"], session["after"]["mg_dl"], session["minutes"]) == (148, 108, 30)
    assert session["areas"] == ["foot:both", "calf:left"]
    assert [symptom["score"] for symptom in session["symptoms"]] == [5, 3]


def test_an_ambiguous_value_is_asked_about(terminal: Terminal) -> None:
    terminal("init", *INIT)
    assert "27 mg/dL" in terminal("bg", "27", typed=("27mg/dL",))


def test_an_overlap_is_asked_about(terminal: Terminal) -> None:
    terminal("init", *INIT)
    again = ("log", "--before", "150", "--after", "140", "--ago", "3h", "--minutes", "30")
    terminal(*again)
    terminal(*again, typed=("n",), code=4)
    terminal(*again, typed=("y",))
    assert len(terminal.json("session", "list")["sessions"]) == 2


def interrupt(child: subprocess.Popen[str]) -> None:
    """Press Ctrl-C until it is heard: the interpreter misses one that comes just before it waits for a key."""
    for _ in range(20):
        child.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.communicate(timeout=3)
            return


def test_ctrl_c_at_a_question_stores_nothing(terminal: Terminal) -> None:
    terminal("init", *INIT)
    child, keyboard = terminal.start("log")
    while b"before" not in os.read(keyboard, 1000):
        time.sleep(0.01)
    interrupt(child)
    assert child.returncode == 130
    os.close(keyboard)
    assert terminal.json("session", "list")["sessions"] == []
