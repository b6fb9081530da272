"""LibreLinkUp: the real pylibrelinkup over a faked transport, answering in the shapes its models ask for."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from glucolog.errors import NotFoundError, SourceError, UsageError
from glucolog.feeds.base import SensorReading, Span
from glucolog.feeds.librelinkup import LibreLinkUp

AT_S = 1_764_000_000
PATIENT = "2c3f4f6e-8a61-4d0b-9a1f-2c115d4e8f9c"
OTHER = "5d4e8f9c-0d3f-4f6e-8a61-0d0b3a1f2c11"
Answers = dict[str, Callable[[str], tuple[int, Any]]]


def measured(at_s: int, mg_dl: int, **more: Any) -> dict[str, Any]:
    stamp = f"{datetime.fromtimestamp(at_s, UTC):%m/%d/%Y %I:%M:%S %p}"
    return {
        "FactoryTimestamp": stamp, "Timestamp": stamp, "type": 0, "ValueInMgPerDl": mg_dl, "MeasurementColor": 1,
        "GlucoseUnits": 1, "Value": mg_dl, "isHigh": False, "isLow": False, **more,
    }  # fmt: skip


def patient(one: str = PATIENT, first: str = "Ada", last: str = "Berg") -> dict[str, Any]:
    return {"id": one, "patientId": one, "firstName": first, "lastName": last}


def graph(history: list[dict[str, Any]], current: dict[str, Any], **more: Any) -> dict[str, Any]:
    connection = {
        **patient(), "country": "DE", "status": 2, "targetLow": 70, "targetHigh": 180, "uom": 1,
        "sensor": {"deviceId": "", "sn": "X", "a": 1, "w": 60, "pt": 4, "s": True, "lj": True},
        "alarmRules": {
            "c": True, "h": {"th": 180, "thmm": 10.0, "d": 1440, "f": 0.1}, "f": {"th": 55, "thmm": 3.0, "d": 30,
            "tl": 10, "tlmm": 0.6}, "l": {"th": 70, "thmm": 3.9, "d": 1440, "tl": 10, "tlmm": 0.6},
            "nd": {"i": 20, "r": 5, "l": 6}, "p": 5, "r": 5, "std": {},
        },
        "glucoseMeasurement": {**current, "TrendArrow": 3}, "glucoseItem": current, "glucoseAlarm": None,
        "patientDevice": {
            "did": "x", "dtid": 40068, "v": "3.4", "l": True, "ll": 65, "h": True, "hl": 250, "u": 0,
            "fixedLowAlarmValues": {"mgdl": 60, "mmoll": 3.3}, "alarms": True, "fixedLowThreshold": 0,
        },
        "created": 0, **more,
    }  # fmt: skip
    ticket = {"token": "t", "expires": 0, "duration": 0}
    return {
        "status": 0,
        "ticket": ticket,
        "data": {"connection": connection, "activeSensors": [], "graphData": history},
    }


LOGGED_IN = {
    "status": 0,
    "data": {
        "user": {
            "id": "u", "firstName": "F", "lastName": "L", "email": "e", "country": "DE", "emailDay": [1],
            "system": {"messages": {}}, "details": {}, "created": 0, "lastLogin": 0, "programs": {}, "dateOfBirth": 0,
            "practices": {}, "devices": {}, "consents": {},
        },
        "messages": {"unread": 0}, "notifications": {"unresolved": 0},
        "authTicket": {"token": "t", "expires": 0, "duration": 0}, "invitations": [],
    },
}  # fmt: skip


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What each path answers to the host asked; a test changes what it is about."""
    replies: Answers = {
        "/llu/auth/login": lambda _: (200, LOGGED_IN),
        "/llu/connections": lambda _: (200, {"status": 0, "data": [patient()]}),
        f"/llu/connections/{PATIENT}/graph": lambda _: (200, graph([], measured(AT_S, 142))),
    }

    def send(_: object, request: requests.PreparedRequest, **__: object) -> requests.Response:
        parts = urlsplit(request.url or "")
        assert parts.scheme == "https"
        status, document = replies[parts.path](parts.netloc)
        response = requests.Response()
        response.status_code, response.url = status, request.url or ""
        response._content = json.dumps(document).encode()
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return replies


def fetch(since_s: int = AT_S - 3600, **how: Any) -> tuple[SensorReading, ...]:
    return LibreLinkUp("ada@example.org", "pass1234", **how).fetch(Span(since_s, AT_S + 1)).readings


def failing(answers: Answers, path: str, status: int, document: Any) -> str:
    answers[path] = lambda _: (status, document)
    with pytest.raises(SourceError) as failed:
        fetch()
    assert "pass1234" not in str(failed.value)
    assert failed.value.exit_code == 6
    return str(failed.value)


def test_history_and_the_newest_come_in_utc(answers: Answers) -> None:
    history = [measured(AT_S - 900, 98), measured(AT_S - 7200, 90)]
    answers[f"/llu/connections/{PATIENT}/graph"] = lambda _: (200, graph(history, measured(AT_S, 142)))
    assert fetch() == (SensorReading(AT_S - 900, "98"), SensorReading(AT_S, "142"))


@pytest.mark.parametrize(
    ("mg_dl", "flag", "shown"),
    [(39, "isLow", "LO"), (40, "isLow", "LO"), (62, "isLow", "62"), (450, "isHigh", "HI"), (250, "isHigh", "250")],
)
def test_flags_mean_lo_and_hi_only_at_the_limits(answers: Answers, mg_dl: int, flag: str, shown: str) -> None:
    current = measured(AT_S, mg_dl, **{flag: True})
    answers[f"/llu/connections/{PATIENT}/graph"] = lambda _: (200, graph([], current))
    assert fetch() == (SensorReading(AT_S, shown),)


def test_another_region_is_asked_where_the_account_lives(answers: Answers) -> None:
    moved = {"status": 0, "data": {"redirect": True, "region": "de"}}
    answers["/llu/auth/login"] = lambda host: (200, LOGGED_IN if host == "api-de.libreview.io" else moved)
    assert fetch() == (SensorReading(AT_S, "142"),)


def test_a_wrong_password_is_told(answers: Answers) -> None:
    wrong = {"status": 2, "error": {"message": "notAuthenticated"}}
    assert "refused the e-mail address or the password" in failing(answers, "/llu/auth/login", 200, wrong)


@pytest.mark.parametrize(("step", "said"), [("tou", "terms of use"), ("pp", "privacy"), ("verifyEmail", "e-mail")])
def test_what_is_to_be_confirmed_is_told(answers: Answers, step: str, said: str) -> None:
    assert said in failing(answers, "/llu/auth/login", 200, {"status": 4, "data": {"step": {"type": step}}})


def test_too_many_questions_are_told(answers: Answers) -> None:
    assert "takes no more questions" in failing(answers, "/llu/connections", 429, {})


@pytest.mark.parametrize("status", [401, 500, 503])
def test_a_failing_service_is_told(answers: Answers, status: int) -> None:
    assert "did not answer" in failing(answers, f"/llu/connections/{PATIENT}/graph", status, {})


@pytest.mark.parametrize("document", [{}, [], {"data": None}, {"data": [{"firstName": 5}]}])
def test_what_is_no_answer_is_told(answers: Answers, document: Any) -> None:
    assert "something other than its data" in failing(answers, "/llu/connections", 200, document)


def test_an_open_glucose_alarm_is_beyond_the_library(answers: Answers) -> None:
    """The limit in the module's docstring; when this fails, a newer pylibrelinkup reads it and the note can go."""
    alarm = graph([], measured(AT_S, 54), glucoseAlarm={"type": 1})
    assert "something other" in failing(answers, f"/llu/connections/{PATIENT}/graph", 200, alarm)


def test_several_people_must_be_told_apart(answers: Answers) -> None:
    two = [patient(), patient(OTHER, "Ben", "Berg")]
    answers["/llu/connections"] = lambda _: (200, {"status": 0, "data": two})
    with pytest.raises(UsageError, match="Ada Berg, Ben Berg"):
        fetch()
    for name in ("ada", "Ada Berg", PATIENT):
        assert fetch(patient=name) == (SensorReading(AT_S, "142"),)


def test_nobody_shared_is_told(answers: Answers) -> None:
    answers["/llu/connections"] = lambda _: (200, {"status": 0, "data": []})
    with pytest.raises(NotFoundError, match="shares nobody"):
        fetch()


def test_an_unknown_region_is_a_slip(answers: Answers) -> None:
    with pytest.raises(UsageError):
        fetch(region="mars")
