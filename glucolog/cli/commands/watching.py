"""`watch`: alarms from a replayed file, or from the log as readings come in."""

from __future__ import annotations

import math
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from glucolog.cli.commands.syncing import SETTINGS, SOURCES, opened_feed, source_options
from glucolog.cli.desk import WARNED, Desk, answer, at_desk, leave, now_in, said, settings
from glucolog.cli.framework import command
from glucolog.cli.screen import as_json, put_document, ring, tell
from glucolog.core.moments import Moment, format_moment, parse_minutes
from glucolog.core.records import Person
from glucolog.core.vocabulary import parse_word
from glucolog.core.watch import Alarm, AlarmKind
from glucolog.core.wording import feeds as words
from glucolog.errors import UsageError
from glucolog.services import watching
from glucolog.services.documents import Document, plain

if TYPE_CHECKING:
    from glucolog.services.live_source import LiveSource

EXEC_TIMEOUT_S = 30
STDERR_FD = 2
FOLLOWING = frozenset({"every", "length", "run", "snoozes", "source", *SETTINGS})


@command("watch")
@click.option(
    "--replay", metavar="FILE", help="What would it have told? A CSV with at_min or time, and mg_dl or mmol_l."
)
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.FloatRange(1, 600),
    default=15,
    show_default=True,
    help="How often to look.",
)
@click.option("--for", "length", metavar="TIME", help="Stop after so long (default: until Ctrl-C).")
@click.option("--exec", "run", metavar="COMMAND", help="Run this on each alarm, with the alarm as JSON on its stdin.")
@click.option(
    "--snooze",
    "snoozes",
    multiple=True,
    metavar="KIND=TIME",
    help="Keep one kind quiet for so long, unless it gets worse.",
)
@click.option("--source", type=click.Choice(SOURCES), help="Ask this live source as well; its readings are stored.")
@source_options
@click.pass_context
def watch(ctx: click.Context, /, replay: str | None, **given: Any) -> None:
    """Watch for lows: follow the log, or replay a file. Ends with 10 when there was an alarm."""
    if replay is not None:
        _refuse_what_follows(ctx)
        _replay(ctx, replay)
        return
    with at_desk(ctx) as desk:
        alarms = list(_told(ctx, desk, given))
    if alarms:
        leave(ctx, WARNED)


def _refuse_what_follows(ctx: click.Context) -> None:
    """Refuse what only following a log knows: an alarm of long ago runs no command and can't be snoozed."""
    for param in ctx.command.params:
        name = param.name or ""
        if name in FOLLOWING and ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
            problem, remedy = words.REPLAY_IS_NO_FOLLOWING
            raise UsageError(problem.format(option=param.opts[0]), remedy)


def _replay(ctx: click.Context, name: str) -> None:
    person = _person_if_any(ctx)
    done = watching.replay_file(name, person, now_in(person.zone if person else "UTC"))
    answer(
        ctx,
        lambda: {
            "alarms": [_document(alarm) for alarm in done.alarms],
            "rejected": [{"line": problem.line, "reason": problem.reason} for problem in done.problems],
        },
        lambda: "\n".join(
            [
                *(f"{_replayed_at(alarm)}  {alarm.reason}  [{alarm.kind}]" for alarm in done.alarms),
                *(f"line {problem.line} left out: {problem.reason}" for problem in done.problems),
            ]
            or ["No alarm."]
        ),
    )
    if done.alarms:
        leave(ctx, WARNED)


def _person_if_any(ctx: click.Context) -> Person | None:
    """Whose unit, zone and insulin a replay is told with; a file can be replayed where there is no log."""
    from glucolog.services.opening import whose_if_any

    return whose_if_any(settings(ctx).db, settings(ctx).person)


def _replayed_at(alarm: Alarm) -> str:
    return f"{alarm.at_min:7.0f} min" if alarm.at is None else f"{alarm.at.local:%Y-%m-%d %H:%M}"


def _told(ctx: click.Context, desk: Desk, given: dict[str, Any]) -> Iterator[Alarm]:
    """Follow the log until the time is over or Ctrl-C, telling each alarm as it is raised."""
    until = desk.now.plus(minutes=parse_minutes(given["length"])) if given["length"] else None
    source = _live_source(ctx, desk, given)
    _say_if_not_to_be_run(given["run"])
    _pull(source, desk)
    following = watching.follow(desk.log, desk.person, desk.now)
    for kind, minutes in map(_snooze, given["snoozes"]):
        following.snooze(kind, desk.now, minutes)
    tell(f"Watching {desk.person.name}'s log from {format_moment(desk.now)}. Ctrl-C ends it.")
    try:
        while True:
            _pull(source, desk)
            for alarm in following.poll(now_in(desk.person.zone)):
                _tell(ctx, alarm, desk.now, given["run"])
                yield alarm
            left_s = math.inf if until is None else 60 * until.minutes_since(now_in(desk.person.zone))
            if left_s <= 0:
                return
            time.sleep(min(given["every"], left_s))
    except KeyboardInterrupt:
        tell("Stopped watching.")


def _say_if_not_to_be_run(run: str | None) -> None:
    """Say at the beginning what would else be found out in the night, at the first low."""
    try:
        program = next(iter(shlex.split(run)), "") if run is not None else None
    except ValueError as error:
        tell(words.EXEC_UNREADABLE.format(problem=error))
        return
    if program is not None and shutil.which(program) is None:
        tell(words.EXEC_UNKNOWN.format(program=program))


def _live_source(ctx: click.Context, desk: Desk, given: dict[str, Any]) -> LiveSource | None:
    if given["source"] is None:
        _refuse_settings_of_nothing(given)
        return None
    from glucolog.services.live_source import LiveSource
    from glucolog.services.sources import IMPATIENT

    return LiveSource(desk.log, desk.person, opened_feed(ctx, desk, given["source"], given, IMPATIENT))


def _refuse_settings_of_nothing(given: dict[str, Any]) -> None:
    for name in SETTINGS:
        if given[name] is not None:
            raise UsageError(words.SOURCE_NOT_SAID[0].format(option=name.replace("_", "-")), words.SOURCE_NOT_SAID[1])


def _pull(source: LiveSource | None, desk: Desk) -> None:
    """Ask the source when it is due; say when it goes away and when it is back."""
    if source is None:
        return
    pulled = source.poll(now_in(desk.person.zone))
    if pulled.trouble is not None:
        tell(words.SOURCE_DOWN.format(problem=pulled.trouble.problem))
    if pulled.is_back:
        tell(words.SOURCE_BACK.format(name=source.name))


def _tell(ctx: click.Context, alarm: Alarm, begun: Moment, run: str | None) -> None:
    document = _document(alarm)
    if said(ctx).as_json:
        put_document(document, on_one_line=True)
    else:
        ring(f"{(alarm.at or begun).local:%H:%M}  {alarm.reason}  [{alarm.kind}]")
    if run is not None:
        _run(run, as_json(document))


def _run(run: str, document: str) -> None:
    """Run the person's command; when it fails the alarm was still shown, and the failure is said.

    What it prints is talk and goes to stderr: stdout is for alarms. It and whatever it began end with its time.
    """
    try:
        process = subprocess.Popen(
            shlex.split(run), stdin=subprocess.PIPE, text=True, stdout=STDERR_FD, start_new_session=True
        )
    except (OSError, ValueError, IndexError) as error:
        tell(words.EXEC_FAILED.format(problem=error))
        return
    try:
        process.communicate(document, timeout=EXEC_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        tell(words.EXEC_TOO_LONG.format(seconds=EXEC_TIMEOUT_S))
    finally:
        _end(process)
    if process.returncode > 0:
        tell(words.EXEC_ENDED.format(code=process.returncode))


def _end(process: subprocess.Popen[str]) -> None:
    """Kill what still runs: a shell's children outlive the shell."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _document(alarm: Alarm) -> Document:
    return {"kind": alarm.kind.value, "at_min": alarm.at_min, "reason": alarm.reason, "at": plain(alarm.at)}


def _snooze(text: str) -> tuple[AlarmKind, float]:
    kind, equals, minutes = text.partition("=")
    if not equals:
        raise UsageError(f"“{text}” is not KIND=TIME.", "Type it like low_soon=20m.")
    known = [member.value.replace("_", "-") for member in AlarmKind]
    word = parse_word("alarm", kind.replace("_", "-"), known)
    return AlarmKind(word.replace("-", "_")), parse_minutes(minutes)
