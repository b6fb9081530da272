"""What a form said: read field by field, all problems at once, each beside its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from werkzeug.datastructures import MultiDict

from glucolog.core.records import Person
from glucolog.core.wording import web as words
from glucolog.errors import AmbiguousError, GlucologError, RefusedError, SlipError

T = TypeVar("T")
LONGEST_TEXT = 2000
TERMINAL_WORDS = ("`", "--")
"""A remedy with one of these is for the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field ("" for the whole form), what to do, and what to choose between."""

    field: str
    problem: str
    remedy: str
    choices: tuple[str, ...] = ()
    confirmable: bool = False


class FormRefusedError(Exception):
    """The form can't be stored as it is."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(problem.problem for problem in problems))
        self.problems = problems


@dataclass(slots=True)
class Answers:
    """The fields of a sent form."""

    form: MultiDict[str, str]
    problems: list[FieldProblem] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """Return what was typed, without outer blanks, or None."""
        typed = self.form.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()
        if len(typed) > LONGEST_TEXT:
            self.refuse(name, RefusedError(f"That is longer than {LONGEST_TEXT} characters.", "Shorten it."))
            return None
        return typed or None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return every value that was chosen for a field."""
        return tuple(value.strip() for value in self.form.getlist(name) if value.strip())

    def yes_no(self, name: str) -> bool | None:
        """Return a yes, a no, or None where neither was said."""
        return {"yes": True, "no": False}.get(self.form.get(name, ""))

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """Read a field; what the words deserve is kept as its problem."""
        typed = self.text(name)
        if typed is None:
            return None
        try:
            return parse(typed)
        except GlucologError as error:
            self.refuse(name, error)
            return None

    def needed(self, name: str, parse: Callable[[str], T], what: str) -> T | None:
        """Read a field that can't be left out."""
        if self.text(name) is None:
            self.refuse(name, RefusedError(f"{what} is missing.", "Type it, or go back."))
        return self.read(name, parse)

    def refuse(self, name: str, error: GlucologError) -> None:
        """Keep a problem of a field."""
        self.problems.append(problem_of(name, error))

    def settle(self) -> None:
        """Raise `FormRefusedError` when anything can't be."""
        if self.problems:
            raise FormRefusedError(tuple(self.problems))

    def given(self, value: T | None) -> T:
        """Settle, and return a value that was needed."""
        self.settle()
        if value is None:
            raise FormRefusedError((FieldProblem(field="", problem=words.MISSING, remedy=words.REMEDY_ON_FORM),))
        return value

    def check_person(self, person: Person) -> None:
        """Raise `RefusedError` when the form was made for another person."""
        if self.form.get("person") != person.id:
            raise RefusedError(words.WRONG_PERSON, words.WRONG_PERSON_REMEDY)


def problem_of(name: str, error: GlucologError, *, confirmable: bool = False) -> FieldProblem:
    """Return an error as the problem of a field, with its remedy in words that fit a form."""
    at_terminal = any(word in error.remedy for word in TERMINAL_WORDS)
    choices = _choices(error)
    remedy = words.REMEDY_ON_FORM if at_terminal else error.remedy
    return FieldProblem(field=name, problem=error.problem, remedy=remedy, choices=choices, confirmable=confirmable)


def is_uuid(text: str | None) -> bool:
    """Whether a text is a UUID."""
    try:
        UUID(text or "")
    except ValueError:
        return False
    return True


def _choices(error: GlucologError) -> tuple[str, ...]:
    if isinstance(error, AmbiguousError):
        return error.choices
    return (error.meant,) if isinstance(error, SlipError) else ()
