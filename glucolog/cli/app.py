"""The root command, and how every way out of it becomes an exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

import click

from glucolog import __version__
from glucolog.cli.framework import Entry, Group
from glucolog.cli.screen import put, put_document, short, tell
from glucolog.errors import GlucologError

YOUNG_OBJECTS = 100_000
"""Looking for cycles among the modules just imported would take a tenth of a short command's time."""

COMMANDS = {
    "init": Entry("people:init", "Create a log for a person."),
    "log": Entry("sessions:log", "Log a finished session in one line."),
    "start": Entry("sessions:start", "Start a session now."),
    "stop": Entry("sessions:stop", "Stop the running session."),
    "again": Entry("sessions:again", "Repeat the last session's details."),
    "check": Entry("gate:check", "Ask before a session: is now a good time to start?"),
    "due": Entry("gate:due", "Show which re-checks are due after the last sessions."),
    "watch": Entry("watching:watch", "Watch for lows: follow the log, or replay a file."),
    "bg": Entry("readings:bg", "Log one glucose reading."),
    "reading": Entry("readings:reading", "Add, list, edit or delete readings."),
    "insulin": Entry("doses:insulin", "Add or list insulin doses."),
    "carbs": Entry("doses:carbs", "Add or list carbohydrates."),
    "activity": Entry("doses:activity", "Add or list exercise, saunas and other exertion."),
    "symptom": Entry("body:symptom", "Score pain, numbness, tingling, burning or stress."),
    "feet": Entry("body:feet", "Log today's foot check."),
    "session": Entry("sessions:session", "List, show, edit or delete sessions."),
    "review": Entry("looking:review", "Look at a range: drops, lows, what is missing."),
    "stats": Entry("looking:stats", "Consensus glucose metrics of a range."),
    "effect": Entry("effect:effect", "Compare sessions with similar times without massage."),
    "compare": Entry("effect:compare", "What goes with a bigger drop, and what massage is for. Exploratory."),
    "trial": Entry("trial:trial", "Your own randomised trial: draw the days, read the result."),
    "plot": Entry("looking:plot", "Draw a figure into an HTML file."),
    "report": Entry("looking:report", "Write the report for the care team."),
    "import": Entry("importing:import_files", "Bring in files of meters, sensors and apps."),
    "sync": Entry("syncing:sync", "Bring in what a live source has: Nightscout, Dexcom, Libre."),
    "export": Entry("exporting:export", "Write everything out."),
    "undo": Entry("journal:undo", "Take back the last change."),
    "redo": Entry("journal:redo", "Bring back what undo took."),
    "history": Entry("journal:history", "Show what was changed, newest first."),
    "serve": Entry("serving:serve", "Open the web app on this machine."),
    "person": Entry("people:person", "Add, list, show or edit people."),
    "cohort": Entry("cohort:cohort", "Study many people who agreed to be counted."),
    "clinic": Entry("clinic:clinic", "Say who sees whom in a log on PostgreSQL."),
    "db": Entry("database:db", "Look after the log's file."),
    "doctor": Entry("doctor:doctor", "Say what is wrong here, and the command that mends it."),
    "demo": Entry("demo:demo", "Make a made-up log and its report."),
    "help": Entry("helping:help_topic", "Read about a topic."),
    "completion": Entry("helping:completion", "Print the completion script of a shell."),
}
"""Every command in the order that help lists them."""


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        put(f"glucolog {__version__}")
        ctx.exit()


root = Group(
    name="glucolog",
    entries=COMMANDS,
    help="Massage and glucose in one private log. It informs; it is not a medical device and advises no dose.",
)
root.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="Print the version.",
        callback=_print_version,
    )
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command line and leave with its exit code; every known mishap is one or two sentences on stderr."""
    gc.set_threshold(YOUNG_OBJECTS)
    code = run(argv)
    gc.freeze()  # the interpreter would otherwise look for cycles once more before it ends
    sys.exit(code)


def run(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        result = root.main(args=words, prog_name="glucolog", standalone_mode=False)
    except BrokenPipeError:
        _drop_output()  # the reader (a pager, `head`) is gone
        return 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()  # a command without words gets its whole help
        return error.exit_code
    except (GlucologError, click.UsageError, click.Abort, KeyboardInterrupt, OSError) as error:
        return _complain(error, as_json="--json" in words)
    except Exception as error:
        if sys.flags.dev_mode:
            raise  # whoever says `python -X dev` wants to see a defect as it is
        return _complain(error, as_json="--json" in words)
    return result if isinstance(result, int) else 0


def _drop_output() -> None:
    """Keep the interpreter from complaining about what it can't flush at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: BaseException, *, as_json: bool) -> int:
    """Say on stderr what is wrong and what to do, with --json on stdout too; return the exit code."""
    from glucolog.cli.complaints import complaint_of

    if isinstance(error, OSError):
        _drop_output()
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        tell()  # the terminal stands behind the ^C
    said = complaint_of(error)
    tell(short(f"{said.problem}\n{said.remedy}"))
    if as_json:
        put_document({"error": asdict(said)})
    return said.exit_code
