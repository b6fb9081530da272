"""A forked command is the program as a shell starts it: the same words, the same code, its own environment."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from tests.reliability.program import Program, to_its_end


@pytest.mark.parametrize("words", [("bg",), ("bg", "nope"), ("reading", "list")])
def test_it_says_and_ends_as_a_shell_sees_it(ada: Program, words: tuple[str, ...]) -> None:
    with ada.start(*words) as process:
        out, err = to_its_end(process)
    warm = ada.run(*words)
    assert (warm.returncode, warm.stdout, warm.stderr) == (process.returncode, out, err)


def test_nothing_stays_from_one_command_to_the_next(ada: Program) -> None:
    other = replace(ada, environment={"PATH": os.environ["PATH"], "GLUCOLOG_PERSON": "Nobody"})
    assert other.run("bg", "142").returncode == 3
    ada.ran("bg", "142")
