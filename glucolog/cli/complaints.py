"""Every way a command line can go wrong, in two sentences and an exit code."""

from __future__ import annotations

from dataclasses import dataclass

import click

from glucolog.errors import DatabaseError, GlucologError, place_of

LIKE = 0.6
"""How much two names share that one is offered for the other (the library's own measure of a close match)."""
INTERRUPTED = 130
"""What shells take for “stopped by Ctrl-C”."""
DEFECT = GlucologError.exit_code
DEFECT_REMEDY = "`glucolog history` shows what was stored; please report the brackets, they hold nothing of your log."


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong, what to do, and the exit code that says so to a script."""

    problem: str
    remedy: str
    exit_code: int


def complaint_of(error: BaseException) -> Complaint:
    """Put a mishap into words: glucolog's own, click's, an interruption, the system's, or a defect."""
    if isinstance(error, GlucologError):
        return Complaint(error.problem, error.remedy, error.exit_code)
    if isinstance(error, click.UsageError):
        return Complaint(_problem(error), _remedy(error), error.exit_code)
    if isinstance(error, OSError):
        problem = f"Something could not be read or written: {error.strerror or error}."
        return Complaint(problem, "Check the disk; `glucolog history` shows what was stored.", DatabaseError.exit_code)
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return Complaint("Stopped.", "Only what was answered with “Stored” is in the log.", INTERRUPTED)
    return Complaint(f"glucolog failed by a defect of its own ({place_of(error)}).", DEFECT_REMEDY, DEFECT)


def _problem(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"There is no option “{error.option_name}”."
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} needs a value after it."
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"Still needed: {_wanted(error.param, error.ctx)}."
    message = error.format_message()
    return message if message.endswith((".", "?")) else f"{message}."


def _remedy(error: click.UsageError) -> str:
    """Offer the nearest names of an option, else say where the command is explained."""
    if isinstance(error, click.NoSuchOption) and (near := _near(error)):
        return f"Did you mean {' or '.join(near)}?"
    return f"`{error.ctx.command_path if error.ctx else 'glucolog'} --help` shows how it goes."


def _near(error: click.NoSuchOption) -> list[str]:
    """Return the names of options that look like the one typed: click counts the dashes as likeness, too."""
    from difflib import SequenceMatcher

    typed = error.option_name.lstrip("-")
    return [
        name
        for name in error.possibilities or ()
        if SequenceMatcher(a=typed, b=name.lstrip("-")).ratio() >= LIKE or name.startswith(error.option_name)
    ]


def _wanted(param: click.Parameter, ctx: click.Context | None) -> str:
    if isinstance(param, click.Option):
        return f"{param.opts[0]} {param.metavar or param.type.name.upper()}"
    return param.make_metavar(ctx) if ctx else param.human_readable_name
