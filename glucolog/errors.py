"""What can go wrong for a person, each with its sentence, the way out, and an exit code.

An error is one sentence of what is wrong (`problem`) and one of what to do (`remedy`). The command line prints
both and leaves with `exit_code`; the web app shows them on the form. Nothing else is ever shown: of a defect in
glucolog its place alone, since the message of an exception can quote what somebody logged.
"""

from __future__ import annotations

from typing import ClassVar

_HERE = __file__.removesuffix("errors.py")


class GlucologError(Exception):
    """The root: a situation a person can be told about.

    `problem` and `remedy` are whole sentences. `exit_code` is the contract's: 2 usage, 3 not found, 4 refused by
    validation, 5 database or migration, 6 network source.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


class UsageError(GlucologError):
    """The words of the call do not fit the command."""

    exit_code = 2


class NotFoundError(GlucologError):
    """What was named is not in the log."""

    exit_code = 3


class RefusedError(GlucologError):
    """The input is understood and can't be right, so nothing was stored."""

    exit_code = 4


class AmbiguousError(RefusedError):
    """The input has two readings and glucolog doesn't guess.

    `choices` holds what to type for each of them; a terminal may ask instead of refusing.
    """

    def __init__(self, problem: str, remedy: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(problem, remedy)
        self.choices = choices


class SlipError(RefusedError):
    """The input is refused, and one slip explains it: `meant` is what to type if it was that."""

    def __init__(self, problem: str, remedy: str, meant: str) -> None:
        super().__init__(problem, remedy)
        self.meant = meant


class ConfirmationNeededError(RefusedError):
    """Unusual but possible: `--yes` lets it through, a terminal may ask."""


class DatabaseError(GlucologError):
    """The log's file or server can't be opened, read, written or migrated."""

    exit_code = 5


class SourceError(GlucologError):
    """A network source did not answer, or not with glucose."""

    exit_code = 6


class MissingExtraError(UsageError):
    """The command needs an optional part of glucolog that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs a part of glucolog that is not installed.",
            f"Install it with: pip install 'glucolog[{extra}]'.",
        )


def place_of(error: BaseException) -> str:
    """Return where a defect came up, `KeyError in services/live.py, line 80`: nothing in it comes from a log."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_HERE)]
    kind = type(error).__name__
    if not frames:
        return kind
    file = frames[-1].filename.removeprefix(_HERE).replace("\\", "/")
    return f"{kind} in {file}, line {frames[-1].lineno}"
