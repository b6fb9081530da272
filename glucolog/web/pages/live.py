"""Glucose and alarms as they come: server-sent events, and the same document for polling."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.moments import Moment
from glucolog.core.records import Person
from glucolog.core.units import format_glucose
from glucolog.core.watch import AlarmKind
from glucolog.core.wording import web as words
from glucolog.errors import RefusedError
from glucolog.web.answers import Answers
from glucolog.web.desk import SEE_OTHER, desk_of
from glucolog.web.door import cookie
from glucolog.web.setup import House, house
from glucolog.web.words import age, arrow, arrow_words, clock, feed_words

pages = Blueprint("live", __name__)
STEP_S = 1.0
STREAM_S = 300.0
"""A stream ends after so long and the browser opens it anew, so that a lost one never holds a thread for long."""
MOST_STREAMS = 6
MOST_OF_ONE = 3
"""Of one browser: it opens six connections at most, and pages that hold them all would let no other page load."""
TOO_MANY = 503
SNOOZE_MIN = 15


class _Places:
    """Who has streams open, by the id of the visit."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, visit_id: str) -> bool:
        """Take a place; False when there is none left, or none for this browser."""
        with self._lock:
            if self._taken.total() >= MOST_STREAMS or self._taken[visit_id] >= MOST_OF_ONE:
                return False
            self._taken[visit_id] += 1
            return True

    def give_back(self, visit_id: str) -> None:
        with self._lock:
            self._taken[visit_id] -= 1
            self._taken += Counter()  # drops who has none


_places = _Places()


@pages.get("/p/<person_id>/live")
def look(person_id: str) -> ResponseReturnValue:
    """Answer once, for polling."""
    desk = desk_of(person_id)
    return jsonify(document(house(), desk.person))


@pages.get("/p/<person_id>/live/stream")
def stream(person_id: str) -> ResponseReturnValue:
    """Send what changes as it changes; with too many streams open the browser polls instead."""
    desk, visit = desk_of(person_id), g.visit
    if not _places.take(visit.id):
        return jsonify(error="too many streams"), TOO_MANY
    response = Response(_Stream(house(), desk.person, cookie(), visit.id), mimetype="text/event-stream")
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
    return redirect(url_for("home.person_home", person_id=person_id), SEE_OTHER)


def document(home: House, person: Person) -> dict[str, Any]:
    """Return what the page shows of a look: words alone, so that its script knows no rule."""
    now = Moment.of(home.setup.clock(), person.zone)
    view = home.live.look(person, now)
    reading = view.reading
    return {
        "glucose": format_glucose(reading.glucose, person.unit) if reading else None,
        "at": clock(reading.at, person.zone) if reading else None,
        "age_min": int(view.age_min) if view.age_min is not None else None,
        "age": age(view.age_min) if view.age_min is not None else None,
        "arrow": arrow(view.trend),
        "trend": arrow_words(view.trend),
        "alarms": [
            {
                "id": told.id,
                "kind": told.alarm.kind.value,
                "reason": told.alarm.reason,
                "at": clock(told.at, person.zone),
                "quiet": words.QUIET_UNTIL.format(clock=clock(told.quiet_until, person.zone))
                if told.quiet_until
                else None,
            }
            for told in view.alarms
        ],
        "feeds": " ".join(feed_words(fed) for fed in home.feeding.of(person)),
    }


class _Stream:
    """The lines of one stream; closing it, however that comes about, gives its place back."""

    def __init__(self, home: House, person: Person, key: str | None, visit_id: str) -> None:
        self._home, self._person, self._key, self._visit_id = home, person, key, visit_id
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
            _places.give_back(self._visit_id)

    def _run(self) -> Iterator[str]:
        last = ""
        yield "retry: 3000\n\n"
        while self._goes_on():
            found = json.dumps(document(self._home, self._person), sort_keys=True)
            if found != last:
                yield f"data: {found}\n\n"
                last = found
            else:
                yield ": still here\n\n"
            self._home.closing.wait(STEP_S)

    def _goes_on(self) -> bool:
        is_open = time.monotonic() < self._ends_s and not self._home.closing.is_set()
        return is_open and self._home.keys.visit(self._key, used=False) is not None
