"""Dexcom Share: the real pydexcom over a faked transport, answering as Dexcom's endpoints are documented to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from glucolog.errors import SourceError, UsageError
from glucolog.feeds.base import SensorReading, Span
from glucolog.feeds.dexcom_share import DexcomShare

ACCOUNT = "2c3f4f6e-8a61-4d0b-9a1f-2c115d4e8f9c"
SESSION = "5d4e8f9c-0d3f-4f6e-8a61-0d0b3a1f2c11"
AT_S = 1_764_000_000
Endpoints = dict[str, Callable[[dict[str, Any]], tuple[int, Any]]]


def item(at_s: int, value: int) -> dict[str, Any]:
    """A reading as ReadPublisherLatestGlucoseValues gives it."""
    stamp = f"Date({at_s * 1000}+0100)"
    return {"WT": f"Date({at_s * 1000})", "ST": f"Date({at_s * 1000})", "DT": stamp, "Value": value, "Trend": "Flat"}


@pytest.fixture
def endpoints(monkeypatch: pytest.MonkeyPatch) -> Endpoints:
    """What each endpoint answers to a JSON body; log-in works unless a test says otherwise."""
    answers: Endpoints = {
        "AuthenticatePublisherAccount": lambda _: (200, ACCOUNT),
        "LoginPublisherAccountById": lambda _: (200, SESSION),
        "ReadPublisherLatestGlucoseValues": lambda _: (200, []),
    }

    def send(_: object, request: requests.PreparedRequest, **__: object) -> requests.Response:
        assert (request.url or "").startswith("https://")
        name = (request.url or "").partition("?")[0].rpartition("/")[2]
        body: Any = request.body
        status, document = answers[name](json.loads(body or "{}"))
        response = requests.Response()
        response.status_code = status
        response._content = document if isinstance(document, bytes) else json.dumps(document).encode()
        return response

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return answers


def fetch(since_s: int = AT_S - 3600, **how: Any) -> tuple[SensorReading, ...]:
    return DexcomShare("ada@example.org", "pass1234", **how).fetch(Span(since_s, AT_S + 1)).readings


def failing(endpoints: Endpoints, status: int, document: Any) -> str:
    endpoints["AuthenticatePublisherAccount"] = lambda _: (status, document)
    with pytest.raises(SourceError) as failed:
        fetch()
    assert "pass1234" not in str(failed.value)
    assert failed.value.exit_code == 6
    return failed.value.problem


def test_readings_come_with_their_instants(endpoints: Endpoints) -> None:
    items = [item(AT_S, 142), item(AT_S - 300, 98)]
    endpoints["ReadPublisherLatestGlucoseValues"] = lambda _: (200, items)
    assert fetch() == (SensorReading(AT_S, "142"), SensorReading(AT_S - 300, "98"))


@pytest.mark.parametrize(("value", "shown"), [(39, "LO"), (40, "40"), (400, "400"), (401, "HI")])
def test_beyond_the_sensor_is_lo_or_hi(endpoints: Endpoints, value: int, shown: str) -> None:
    endpoints["ReadPublisherLatestGlucoseValues"] = lambda _: (200, [item(AT_S, value)])
    assert fetch() == (SensorReading(AT_S, shown),)


def test_readings_before_the_stretch_are_left_out(endpoints: Endpoints) -> None:
    items = [item(AT_S - 3600, 142), item(AT_S - 3601, 98)]
    endpoints["ReadPublisherLatestGlucoseValues"] = lambda _: (200, items)
    assert fetch() == (SensorReading(AT_S - 3600, "142"),)


def test_a_stamp_of_another_form_leaves_a_reading_without_a_time(endpoints: Endpoints) -> None:
    endpoints["ReadPublisherLatestGlucoseValues"] = lambda _: (200, [item(AT_S, 142) | {"DT": "/Date(x)/"}])
    assert fetch() == (SensorReading(None, "142"),)


@pytest.mark.parametrize("broken", [{"Value": "abc"}, {"Value": None}, {"Trend": "Sideways"}, {"DT": None}])
def test_an_item_the_library_cannot_read_is_the_sources_failure(endpoints: Endpoints, broken: dict[str, Any]) -> None:
    endpoints["ReadPublisherLatestGlucoseValues"] = lambda _: (200, [item(AT_S, 142) | broken])
    with pytest.raises(SourceError):
        fetch()


def test_a_session_that_ran_out_is_renewed(endpoints: Endpoints) -> None:
    answers = iter([(500, {"Code": "SessionIdNotFound", "Message": "gone"}), (200, [item(AT_S, 142)])])
    endpoints["ReadPublisherLatestGlucoseValues"] = lambda _: next(answers)
    assert fetch() == (SensorReading(AT_S, "142"),)


def test_a_wrong_password_is_told(endpoints: Endpoints) -> None:
    assert "refused" in failing(endpoints, 500, {"Code": "AccountPasswordInvalid", "Message": "x"})


def test_a_locked_account_is_told(endpoints: Endpoints) -> None:
    said = failing(endpoints, 500, {"Code": "SSO_AuthenticateMaxAttemptsExceeded", "Message": "x"})
    assert "locked" in said


@pytest.mark.parametrize("document", [b"<html>", {"Code": "New", "Message": "thing"}, {}, b""])
def test_any_other_answer_is_the_sources_failure(endpoints: Endpoints, document: Any) -> None:
    assert "Dexcom Share did not answer" in failing(endpoints, 503, document)


def test_a_network_that_is_down_is_told(endpoints: Endpoints) -> None:
    def down(_: object) -> tuple[int, Any]:
        raise requests.ConnectionError("secret detail")

    endpoints["AuthenticatePublisherAccount"] = down
    with pytest.raises(SourceError, match="did not answer: connectionerror") as failed:
        fetch()
    assert "detail" not in str(failed.value)


def test_a_service_that_hangs_is_left(endpoints: Endpoints) -> None:
    endpoints["AuthenticatePublisherAccount"] = lambda _: (time.sleep(0.5), (200, ACCOUNT))[1]  # type: ignore[func-returns-value]
    with pytest.raises(SourceError, match="did not answer within"):
        fetch(seconds=0.1)
    time.sleep(0.6)


def test_an_unknown_region_is_a_slip() -> None:
    with pytest.raises(UsageError):
        DexcomShare("ada@example.org", "pass1234", "mars")
