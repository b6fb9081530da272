"""A Nightscout in memory behind a fake site, its ways read off cgm-remote-monitor (lib/api, api3, authorization).

v1: ten rows unless `count` says otherwise; `find[…][$gte|$lt]`; a POST overwrites what has the same `created_at` and
`eventType`; PUT by `_id`; DELETE by id. v3 (`speaks_v3`): Bearer only, pages of at most 1000, documents by
`identifier`, `date` fixed, DELETE only marks. Tokens are exchanged for passes that `expire_passes` ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.feeds.fake_site import Asked, FakeSite, Reply

SECRET = "abcdefghij123"  # noqa: S105 – of a server made up for a test
SECRET_SHA1 = "9751f83cacf5afa048dbf578a06ec644938d590a"  # noqa: S105
"""By sha1sum."""
TOKEN = "viewer-ea2c682dbadaa2e3"  # noqa: S105
_FIND = re.compile(r"find\[(\w+)\](?:\[\$(\w+)\])?")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "gte": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
}


@dataclass(slots=True)
class FakeNightscout:
    """Its collections are lists of documents; `is_down` answers 503 to everything."""

    site: FakeSite
    speaks_v3: bool = False
    is_down: bool = False
    entries: list[Any] = field(default_factory=list)
    treatments: list[Any] = field(default_factory=list)
    passes: set[str] = field(default_factory=set)
    ids: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.site.answer = self.answer

    def expire_passes(self) -> None:
        """End every pass given so far."""
        self.passes.clear()

    def answer(self, asked: Asked) -> Reply:
        """Answer as the server would."""
        if self.is_down:
            return Reply({}, status=503)
        if asked.path.startswith("/api/v2/authorization/request/"):
            return self._give_pass(asked.path.rpartition("/")[2])
        if not self._may_enter(asked):
            return Reply({"status": 401}, status=401)
        return self._v3(asked) if asked.path.startswith("/api/v3/") else self._v1(asked)

    def _give_pass(self, token: str) -> Reply:
        if token != TOKEN:
            return Reply({"status": 401}, status=401)
        given = f"pass{next(self.ids)}.x.y"
        self.passes.add(given)
        return Reply({"token": given, "sub": "viewer"})

    def _may_enter(self, asked: Asked) -> bool:
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        by_secret = asked.headers.get("api-secret") == SECRET_SHA1 and not asked.path.startswith("/api/v3/")
        return by_secret or bearer in self.passes

    def _v1(self, asked: Asked) -> Reply:
        name = asked.path.removeprefix("/api/v1/").partition("/")[0].removesuffix(".json")
        documents = getattr(self, name)
        if asked.method == "GET":
            return Reply(_found(documents, asked.query)[: int(asked.query.get("count", 10))])
        if asked.method == "POST":
            for document in asked.body:
                self._upsert(dict(document))
        elif asked.method == "PUT":
            self._drop("_id", asked.body["_id"])
            self.treatments.append(dict(asked.body))
        else:
            self._drop("_id", asked.path.rpartition("/")[2])
        return Reply([])

    def _upsert(self, document: dict[str, Any]) -> None:
        slot = document["created_at"], document["eventType"]
        self.treatments = [one for one in self.treatments if (one.get("created_at"), one.get("eventType")) != slot]
        self.treatments.append({"_id": f"{next(self.ids):024x}", **document})

    def _drop(self, key: str, value: str) -> None:
        self.treatments = [one for one in self.treatments if one.get(key) != value]

    def _v3(self, asked: Asked) -> Reply:
        if not self.speaks_v3:
            return Reply({}, status=404)
        _, _, _, name, *rest = asked.path.split("/")
        if name == "status":
            return Reply({"status": 200, "result": {"version": "15.0.2", "apiVersion": "3.0.4"}})
        if asked.method == "GET":
            return self._page(getattr(self, name), asked.query)
        return self._v3_write(asked, rest[0] if rest else asked.body["identifier"])

    def _page(self, documents: list[Any], query: dict[str, str]) -> Reply:
        limit, skip = int(query.pop("limit")), int(query.pop("skip"))
        query.pop("sort")
        if limit > 1000:
            return Reply({"status": 400}, status=400)
        valid = [one for one in documents if one.get("isValid") is not False]
        conditions = {f"find[{name.replace('$', '][$')}]": value for name, value in query.items()}
        shown = [{k: v for k, v in one.items() if k != "_id"} for one in _found(valid, conditions)]
        return Reply({"status": 200, "result": shown[skip : skip + limit]})

    def _v3_write(self, asked: Asked, identifier: str) -> Reply:
        there = next((one for one in self.treatments if one.get("identifier") == identifier), None)
        if asked.method == "DELETE":
            if there is not None:
                there["isValid"] = False
            return Reply({"status": 200})
        if not {"app", "date"} <= set(asked.body):
            return Reply({"status": 400}, status=400)
        if there is not None and there.get("isValid") is not False and there["date"] != asked.body["date"]:
            return Reply({"status": 400, "message": "Field date cannot be modified by the client"}, status=400)
        self._drop("identifier", identifier)
        self.treatments.append({**asked.body, "srvModified": 1})
        return Reply({"status": 200 if there else 201})


def _found(documents: list[Any], query: dict[str, str]) -> list[Any]:
    found = list(documents)
    for name, value in query.items():
        if match := _FIND.fullmatch(name):
            found = [one for one in found if _fits(one, match[1], match[2] or "eq", value)]
    return found


def _fits(document: Any, field_name: str, operator: str, value: str) -> bool:
    """What is no object or lacks the field is let through, as no server would: a client must bear it."""
    if not isinstance(document, dict) or field_name not in document:
        return field_name != "enteredBy"
    wanted: Any = int(value) if field_name == "date" else value
    if type(document[field_name]) is not type(wanted):
        return True
    return _OPERATORS[operator](document[field_name], wanted)
