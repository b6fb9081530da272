"""A Nightscout over v1 and v3: how it is opened, asked, written to; and that no secret shows."""

from __future__ import annotations

from typing import Any

import pytest
from glucolog.errors import SourceError
from glucolog.feeds import nightscout_api
from glucolog.feeds.base import Span
from glucolog.feeds.http import Patience
from glucolog.feeds.nightscout import Nightscout
from glucolog.feeds.nightscout_api import ApiV1, ApiV3, iso
from tests.feeds.fake_nightscout import SECRET, SECRET_SHA1, TOKEN, FakeNightscout
from tests.feeds.fake_site import FakeSite, Reply

START_S = 1_764_000_000
ONCE = Patience(tries=1)


def entry(at_s: int, sgv: int = 120) -> dict[str, Any]:
    return {"_id": f"{at_s:024x}", "type": "sgv", "sgv": sgv, "date": at_s * 1000, "dateString": iso(at_s)}


def treatment(at_s: int, **more: Any) -> dict[str, Any]:
    return {"eventType": "Note", "created_at": iso(at_s), "date": at_s * 1000, "app": "x", **more}


def opened(nightscout: FakeNightscout, secret: str | None = SECRET) -> Nightscout:
    return Nightscout(nightscout.site.address, secret, ONCE)


def test_the_api_secret_goes_as_sha1_in_a_header(nightscout: FakeNightscout) -> None:
    opened(nightscout).fetch(Span(0, 1))
    assert {asked.headers["api-secret"] for asked in nightscout.site.asked} == {SECRET_SHA1}
    assert SECRET not in "".join(f"{asked.path}{asked.query}" for asked in nightscout.site.asked)


def test_a_secret_that_is_hashed_already_is_not_hashed_again(nightscout: FakeNightscout) -> None:
    assert opened(nightscout, SECRET_SHA1).fetch(Span(0, 1)).items == ()


def test_a_token_is_exchanged_for_a_pass_once_and_again_when_it_ends(nightscout: FakeNightscout) -> None:
    site = opened(nightscout, TOKEN)
    site.fetch(Span(0, 1))
    site.fetch(Span(0, 1))
    nightscout.expire_passes()
    site.fetch(Span(0, 1))
    exchanges = [asked for asked in nightscout.site.asked if "/authorization/request/" in asked.path]
    assert len(exchanges) == 2
    assert all("api-secret" not in asked.headers for asked in nightscout.site.asked)


@pytest.mark.parametrize("secret", ["wrongwrongwrong", "viewer-0000000000000000", None])
def test_a_wrong_secret_is_told_without_showing_it(nightscout: FakeNightscout, secret: str | None) -> None:
    with pytest.raises(SourceError, match="refused the secret or token") as failed:
        opened(nightscout, secret).fetch(Span(0, 1))
    assert str(secret) not in str(failed.value)


@pytest.mark.parametrize("answer", [{}, {"token": 5}, {"token": "a b"}, {"token": "a\r\nX: y"}, [], "x"])
def test_a_pass_that_is_none_is_refused(site: FakeSite, answer: object) -> None:
    site.answer = lambda _: Reply(answer)
    with pytest.raises(SourceError, match="no pass"):
        Nightscout(site.address, TOKEN, ONCE).api.ours()


def test_a_site_that_anyone_may_read_is_asked_without_a_secret(site: FakeSite) -> None:
    assert Nightscout(site.address, None, ONCE).fetch(Span(0, 1)).items == ()
    assert not {"api-secret", "authorization"} & set(site.asked[0].headers)


def test_nothing_is_asked_before_something_is_fetched(nightscout: FakeNightscout) -> None:
    assert "127.0.0.1" in opened(nightscout).label
    assert nightscout.site.asked == []


def test_v1_returns_the_stretch_and_nothing_beyond(nightscout: FakeNightscout) -> None:
    nightscout.entries = [entry(START_S + offset) for offset in (-1, 0, 299, 300)]
    nightscout.treatments = [treatment(START_S + offset) for offset in (-1, 0, 299, 300)]
    found = opened(nightscout).fetch(Span(START_S, START_S + 300)).items
    assert found == (*nightscout.entries[1:3], *nightscout.treatments[1:3])


def test_v1_asks_in_halves_where_the_count_may_have_cut(
    nightscout: FakeNightscout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightscout_api, "V1_COUNT", 8)
    nightscout.entries = [entry(START_S + 60 * minute) for minute in range(100)]
    found = opened(nightscout).api.entries(Span(START_S, START_S + 6000))
    assert sorted(item["date"] for item in found) == [one["date"] for one in nightscout.entries]  # type: ignore[index]


@pytest.mark.parametrize("answer", [{}, {"result": None}, "text", 5, None])
def test_what_is_no_list_is_refused(site: FakeSite, answer: object) -> None:
    site.answer = lambda _: Reply(answer)
    with pytest.raises(SourceError, match="without a list"):
        Nightscout(site.address, SECRET, ONCE).fetch(Span(0, 1))


def test_v3_is_spoken_where_it_is_there_and_a_token_opens_it(nightscout: FakeNightscout) -> None:
    nightscout.speaks_v3 = True
    assert isinstance(opened(nightscout, TOKEN).api, ApiV3)
    assert isinstance(opened(nightscout, SECRET).api, ApiV1)


def test_v1_is_spoken_where_v3_is_not(nightscout: FakeNightscout) -> None:
    assert isinstance(opened(nightscout, TOKEN).api, ApiV1)


def test_v3_pages_through_all(nightscout: FakeNightscout) -> None:
    nightscout.speaks_v3 = True
    nightscout.entries = [entry(START_S + 60 * minute) for minute in range(2500)]
    nightscout.treatments = [treatment(START_S), treatment(START_S, isValid=False)]
    found = opened(nightscout, TOKEN).fetch(Span(START_S, START_S + 60 * 2500)).items
    assert len(found) == 2500 + 1


@pytest.mark.parametrize(("speaks_v3", "secret"), [(False, SECRET), (False, TOKEN), (True, TOKEN)])
def test_a_treatment_is_written_moved_and_removed(nightscout: FakeNightscout, speaks_v3: bool, secret: str) -> None:
    nightscout.speaks_v3 = speaks_v3
    api = opened(nightscout, secret).api
    ours = treatment(START_S, identifier="5d4e8f9c-0d3f-4f6e-8a61-0d0b3a1f2c11", enteredBy="glucolog")
    api.create([ours])
    api.create([ours])
    assert len(api.ours()) == 1
    for changed in ({**ours, "notes": "said more"}, {**ours, **treatment(START_S + 60)}):
        api.replace(changed, api.ours()[0])
        (there,) = api.ours()
        assert changed.items() <= there.items()
    api.remove(api.ours()[0])
    assert api.ours() == []
