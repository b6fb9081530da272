"""The two REST APIs of Nightscout: the same questions and the same writes, put each its own way.

v1 (every server) filters by `find[…]`, writes lists, and silently overwrites what has the same instant and event type;
it returns ten rows unless told, so `count` is always said. v3 (servers from 14 on, https only, token only) filters by
`field$op`, pages by `skip`, and knows documents by `identifier`; a document's `date` can't be changed there, and a
deletion only marks it. Treatments are asked for by `created_at` in both: what v1 clients wrote has no `date`.
Source: cgm-remote-monitor lib/api, lib/api3; the v1 side was tried on a real server (0.12.8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote

from glucolog.errors import SourceError
from glucolog.feeds.base import Span
from glucolog.feeds.nightscout_door import Door

AUTHOR = "glucolog"
"""`enteredBy` and `app` of all that glucolog writes."""
V1_COUNT = 30_000
V1_MOST_OURS = 100_000
V1_WRITTEN_AT_ONCE = 100
V3_PAGE = 1_000
"""The default of API3_MAX_LIMIT; a larger page is refused."""
V3_MOST_PAGES = 100
NEVER = "1970-01-01T00:00:00.000Z"

Item = Mapping[str, object]


class Api(Protocol):
    """What glucolog asks of a Nightscout."""

    def entries(self, span: Span) -> list[object]:
        """Return the sensor and meter entries of a stretch, unvalidated."""

    def treatments(self, span: Span) -> list[object]:
        """Return the treatments of a stretch, unvalidated."""

    def ours(self) -> list[Item]:
        """Return every treatment that glucolog wrote and that can be told apart."""

    def create(self, documents: Sequence[Item]) -> None:
        """Write new treatments."""

    def replace(self, document: Item, there: Item) -> None:
        """Put a treatment in the place of the one that is there."""

    def remove(self, there: Item) -> None:
        """Delete a treatment."""


class ApiV1:
    """API v1."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def entries(self, span: Span) -> list[object]:
        """Return entries by `date`."""
        return self._listed("entries.json", "date", span)

    def treatments(self, span: Span) -> list[object]:
        """Return treatments by `created_at`."""
        return self._listed("treatments.json", "created_at", span)

    def ours(self) -> list[Item]:
        """Return what glucolog wrote, known by `_id`."""
        query = {"find[enteredBy]": AUTHOR, "find[created_at][$gte]": NEVER, "count": V1_MOST_OURS}
        return _known_by("_id", self._door.get_list("/api/v1/treatments.json", query))

    def create(self, documents: Sequence[Item]) -> None:
        """Write them as lists."""
        for first in range(0, len(documents), V1_WRITTEN_AT_ONCE):
            self._door.send("POST", "/api/v1/treatments", list(documents[first : first + V1_WRITTEN_AT_ONCE]))

    def replace(self, document: Item, there: Item) -> None:
        """Edit in place by `_id`."""
        self._door.send("PUT", "/api/v1/treatments", {**document, "_id": there["_id"]})

    def remove(self, there: Item) -> None:
        """Delete by `_id`."""
        self._door.send("DELETE", f"/api/v1/treatments/{quote(str(there['_id']), safe='')}")

    def _listed(self, name: str, field: str, span: Span) -> list[object]:
        """A stretch that fills the count may have been cut: it is asked for in halves."""
        since, until = (_bound(field, at_s) for at_s in span)
        query = {f"find[{field}][$gte]": since, f"find[{field}][$lt]": until, "count": V1_COUNT}
        listed = self._door.get_list(f"/api/v1/{name}", query)
        middle_s = (span.since_s + span.until_s) // 2
        if len(listed) < V1_COUNT or middle_s == span.since_s:
            return listed
        halves = Span(span.since_s, middle_s), Span(middle_s, span.until_s)
        return [item for half in halves for item in self._listed(name, field, half)]


class ApiV3:
    """API v3."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def entries(self, span: Span) -> list[object]:
        """Return entries by `date`."""
        return self._paged("entries", _within("date", span), "date")

    def treatments(self, span: Span) -> list[object]:
        """Return treatments by `created_at`."""
        return self._paged("treatments", _within("created_at", span), "created_at")

    def ours(self) -> list[Item]:
        """Return what glucolog wrote, known by `identifier`."""
        return _known_by("identifier", self._paged("treatments", {"enteredBy$eq": AUTHOR}, "created_at"))

    def create(self, documents: Sequence[Item]) -> None:
        """Write them one by one; the server knows a repeated one by its identifier."""
        for document in documents:
            self._door.send("POST", "/api/v3/treatments", document)

    def replace(self, document: Item, there: Item) -> None:
        """Update in place; a moved one is deleted and written anew, since its date can't be changed."""
        if document["date"] == there.get("date"):
            self._door.send("PUT", self._path(there), document)
        else:
            self.remove(there)
            self.create([document])

    def remove(self, there: Item) -> None:
        """Mark as deleted."""
        self._door.send("DELETE", self._path(there))

    def _path(self, there: Item) -> str:
        return f"/api/v3/treatments/{quote(str(there['identifier']), safe='')}"

    def _paged(self, collection: str, query: Mapping[str, object], order: str) -> list[object]:
        found: list[object] = []
        for page in range(V3_MOST_PAGES):
            limits = {"sort": order, "limit": V3_PAGE, "skip": page * V3_PAGE}
            listed = self._door.get_list(f"/api/v3/{collection}", {**query, **limits})
            found += listed
            if len(listed) < V3_PAGE:
                break
        return found


def api_behind(door: Door) -> Api:
    """Return v3 where the site has it and the token opens it, else v1."""
    return ApiV3(door) if door.has_token and _speaks_v3(door) else ApiV1(door)


def _speaks_v3(door: Door) -> bool:
    try:
        status = door.get("/api/v3/status", {})
    except SourceError:
        return False
    result = status.get("result", status) if isinstance(status, dict) else None
    return isinstance(result, dict) and isinstance(result.get("apiVersion"), str)


def iso(at_s: int) -> str:
    """Write an instant as Nightscout does: UTC with milliseconds and Z."""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _known_by(key: str, listed: Sequence[object]) -> list[Item]:
    return [item for item in listed if isinstance(item, Mapping) and isinstance(item.get(key), str)]


def _bound(field: str, at_s: int) -> object:
    return iso(at_s) if field == "created_at" else at_s * 1000


def _within(field: str, span: Span) -> dict[str, object]:
    since, until = (_bound(field, at_s) for at_s in span)
    return {f"{field}$gte": since, f"{field}$lt": until}
