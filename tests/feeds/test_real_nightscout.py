"""Against a real Nightscout 0.12.8: what it takes, what it gives back, and how it lets in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import pytest
from glucolog.core.moments import Moment
from glucolog.errors import SourceError
from glucolog.feeds.address import parse_address
from glucolog.feeds.base import Span
from glucolog.feeds.http import Patience
from glucolog.feeds.nightscout import Nightscout
from glucolog.feeds.nightscout_api import ApiV1, iso
from tests.feeds.fake_nightscout import SECRET, SECRET_SHA1

NOW_S = Moment.of(datetime(2026, 3, 1, 12, tzinfo=UTC), "UTC").epoch_s
WHOLE = Span(NOW_S - 86_400, NOW_S + 86_400)


def call(url: str, method: str, path: str, body: Any = None) -> Any:
    """Ask the server without any of our code."""
    headers = {"api-secret": SECRET_SHA1, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{url}{path}", data, headers, method=method), timeout=20) as response:  # noqa: S310
        return json.loads(response.read() or b"null")


@pytest.fixture
def url(real_nightscout: str) -> str:
    """A real server, emptied."""
    call(real_nightscout, "DELETE", "/api/v1/entries/*?find[date][$gte]=0&count=100000")
    call(real_nightscout, "DELETE", "/api/v1/treatments/*?find[created_at][$gte]=1970-01-01T00:00:00Z&count=100000")
    return real_nightscout


def opened(url: str, secret: str | None = SECRET) -> Nightscout:
    return Nightscout(parse_address(url), secret, Patience(tries=1))


def entry(at_s: int, sgv: Any = 120) -> dict[str, Any]:
    return {"type": "sgv", "sgv": sgv, "date": at_s * 1000, "dateString": iso(at_s), "device": "sim"}


def test_entries_of_a_stretch_come_and_no_others(url: str) -> None:
    """More than the ten that the server gives when nobody says how many."""
    held = [entry(NOW_S - 300 * number) for number in range(30)]
    call(url, "POST", "/api/v1/entries.json", held)
    found: Any = opened(url).api.entries(Span(NOW_S - 300 * 20, NOW_S))
    assert sorted(item["date"] for item in found) == [one["date"] for one in held[20:0:-1]]


def test_it_takes_and_returns_what_is_no_glucose(url: str) -> None:
    call(url, "POST", "/api/v1/entries.json", [entry(NOW_S, "abc"), {"type": "sgv", "sgv": 100, "dateString": "x"}])
    assert [item["sgv"] for item in opened(url).fetch(WHOLE).items] == ["abc"]  # type: ignore[index]


def test_a_treatment_is_written_changed_moved_and_removed(url: str) -> None:
    api = opened(url).api
    assert isinstance(api, ApiV1)
    ours: dict[str, Any] = {
        "identifier": "5d4e8f9c-0d3f-4f6e-8a61-0d0b3a1f2c11", "eventType": "Exercise", "created_at": iso(NOW_S),
        "date": NOW_S * 1000, "enteredBy": "glucolog", "app": "glucolog", "duration": 30, "notes": "Massage.",
    }  # fmt: skip
    for _ in range(2):
        api.create([ours])
    for changed in (ours, {**ours, "duration": 40}, {**ours, "created_at": iso(NOW_S - 60), "date": NOW_S * 1000 - 60}):
        api.replace(changed, api.ours()[0])
        (there,) = api.ours()
        assert changed.items() <= there.items()
    assert len(api.treatments(WHOLE)) == 1
    api.remove(api.ours()[0])
    assert api.treatments(WHOLE) == []


def test_glucose_keeps_the_unit_it_was_typed_in(url: str) -> None:
    check = {
        "eventType": "BG Check", "created_at": iso(NOW_S), "glucose": 7.9, "units": "mmol", "glucoseType": "Finger",
    }  # fmt: skip
    api = opened(url).api
    api.create([check])
    (there,) = api.treatments(WHOLE)
    assert check.items() <= there.items()  # type: ignore[attr-defined]


def test_a_token_opens_what_its_role_may(url: str) -> None:
    call(url, "POST", "/api/v2/authorization/subjects", {"name": "viewer", "roles": ["readable"]})
    token = call(url, "GET", "/api/v2/authorization/subjects")[0]["accessToken"]
    site = opened(url, token)
    assert site.fetch(WHOLE).items == ()
    with pytest.raises(SourceError, match="refused the secret or token"):
        site.api.create([{"eventType": "Note", "created_at": iso(NOW_S)}])


@pytest.mark.parametrize("secret", ["wrongwrongwrong", "viewer-0000000000000000", None])
def test_a_wrong_secret_is_refused(url: str, secret: str | None) -> None:
    with pytest.raises(SourceError, match="refused the secret or token"):
        opened(url, secret).fetch(WHOLE)
