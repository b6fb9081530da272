"""Glucose and alarms as they come: server-sent events, and the same document for polling."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.core.units import format_glucose
from glucolog.core.watch import AlarmKind
from glucolog.errors import RefusedError
from glucolog.services.live import LiveView
from glucolog.web.answers import Answers
from glucolog.web.desk import Desk, desk_of
from glucolog.web.door import cookie
from glucolog.web.setup import House, house
from glucolog.web.words import arrow, arrow_words, clock

pages = Blueprint("live", __name__)
STEP_S = 1.0
STREAM_S = 300.0
"""A stream ends after so long and the browser opens it anew, so that a lost one never holds a thread for long."""
MOST_STREAMS = 6
TOO_MANY = 503
SNOOZE_MIN = 15
_streams = threading.BoundedSemaphore(MOST_STREAMS)


@pages.get("/p/<person_id>/live")
def look(person_id: str) -> ResponseReturnValue:
    """Answer once, for polling."""
    desk = desk_of(person_id)
    return jsonify(document(house().live.look(desk.person, desk.now, _after()), desk.person))


@pages.get("/p/<person_id>/live/stream")
def stream(person_id: str) -> ResponseReturnValue:
    """Send what changes as it changes; with too many streams open the browser polls instead."""
    desk = desk_of(person_id)
    if not _streams.acquire(blocking=False):
        return jsonify(error="too many streams"), TOO_MANY
    response = Response(_Stream(house(), desk, _after(), cookie()), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


@pages.post("/p/<person_id>/live/snooze")
def snooze(person_id: str) -> ResponseReturnValue:
    """Keep one kind of alarm quiet for a while, unless it gets worse."""
    desk, answers = desk_of(person_id), Answers(request.form)
    answers.check_person(desk.person)
    kind = answers.form.get("kind")
    if kind not in tuple(AlarmKind):
        raise RefusedError("There is no such alarm.", "Open the page again.")
    house().live.snooze(desk.person, AlarmKind(kind), desk.now, SNOOZE_MIN)
    return jsonify(minutes=SNOOZE_MIN)


def document(view: LiveView, person: Person) -> dict[str, Any]:
    """Return what the page shows of a look."""
    reading = view.reading
    return {
        "glucose": format_glucose(reading.glucose, person.unit) if reading else None,
        "at": clock(reading.at, person.zone) if reading else None,
        "age_min": int(view.age_min) if view.age_min is not None else None,
        "arrow": arrow(view.trend),
        "trend": arrow_words(view.trend),
        "alarms": [
            {
                "number": told.number,
                "kind": told.alarm.kind.value,
                "reason": told.alarm.reason,
                "at": clock(told.at, person.zone),
            }
            for told in view.alarms
        ],
    }


def _after() -> int:
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


class _Stream:
    """The lines of one stream; closing it, however that comes about, gives its place back."""

    def __init__(self, home: House, desk: Desk, after: int, key: str | None) -> None:
        self._home, self._desk, self._after, self._key = home, desk, after, key
        self._closed = False
        self._ends_s = time.monotonic() + STREAM_S
        self._lines = self._run()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return next(self._lines)

    def close(self) -> None:
        """Give the place back, once."""
        if not self._closed:
            self._closed = True
            _streams.release()

    def _run(self) -> Iterator[str]:
        last = ""
        yield "retry: 3000\n\n"
        while self._goes_on():
            found = self._look()
            words = json.dumps(found, sort_keys=True)
            if words != last:
                self._after = max([self._after, *(alarm["number"] for alarm in found["alarms"])])
                yield f"id: {self._after}\ndata: {words}\n\n"
                last = words
            else:
                yield ": still here\n\n"
            self._home.closing.wait(STEP_S)

    def _goes_on(self) -> bool:
        is_open = time.monotonic() < self._ends_s and not self._home.closing.is_set()
        return is_open and self._home.keys.visit(self._key) is not None

    def _look(self) -> dict[str, Any]:
        now = Moment.of(self._home.setup.clock(), self._desk.person.zone)
        return document(self._home.live.look(self._desk.person, now, self._after), self._desk.person)
