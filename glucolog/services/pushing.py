"""Our sessions on a Nightscout: what is missing is written, what changed is changed, what was removed here goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from glucolog.core.moments import Moment
from glucolog.core.records import Person, Phase
from glucolog.core.wording import feeds as words
from glucolog.errors import SourceError
from glucolog.feeds.base import Span
from glucolog.feeds.nightscout_api import Api, Item
from glucolog.feeds.nightscout_documents import Document, PairedReading, documents, is_same, slot
from glucolog.services.around import SessionView, views
from glucolog.services.own_entries import ever_here, here, identifier_of
from glucolog.storage import Log


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """How many treatments were written, and the reasons of those that were not."""

    created: int
    changed: int
    removed: int
    unchanged: int
    kept_apart: tuple[str, ...]


@dataclass(slots=True)
class _Plan:
    create: list[Document] = field(default_factory=list)
    change: list[tuple[Document, Item]] = field(default_factory=list)
    unchanged: int = 0
    kept_apart: list[str] = field(default_factory=list)


def push(log: Log, person: Person, api: Api, since: Moment, now: Moment) -> Pushed:
    """Bring a site up to the log: finished sessions from `since` on, and any that it holds already.

    Repeating it writes nothing. A treatment of somebody else at the same instant and of the same kind stays: what
    would overwrite it is not sent, and named. Raises `SourceError`, also when the site did not keep what was sent.
    """
    there = _ours(api)
    wanted = _wanted(log, person, there, since, now)
    pending = [one for one in wanted if not _is_there(one, there)]
    plan = _plan(wanted, there, _taken(api, pending))
    gone = _gone(log, person, there)
    for item in gone:
        api.remove(item)
    for document, item in plan.change:
        api.replace(document, item)
    if plan.create:
        api.create(plan.create)
    if plan.create or plan.change:
        _verify(api, [*plan.create, *(document for document, _ in plan.change)])
    return Pushed(
        created=len(plan.create),
        changed=len(plan.change),
        removed=len(gone),
        unchanged=plan.unchanged,
        kept_apart=tuple(plan.kept_apart),
    )


def _ours(api: Api) -> dict[str, Item]:
    return {
        identifier: item
        for item in api.ours()
        if item.get("isValid") is not False and (identifier := identifier_of(item))
    }


def _wanted(log: Log, person: Person, there: Iterable[str], since: Moment, now: Moment) -> list[Document]:
    """Two documents for one instant and event would overwrite each other: a reading two sessions share counts once."""
    known = set(there)
    found = [one for one in log.sessions(person.id) if one.end is not None and (one.start >= since or one.id in known)]
    by_id: dict[object, Document] = {}
    for view in views(log, person, found, now):
        for document in documents(view.session, _paired(view)):
            by_id.setdefault(document["identifier"], document)
    return list(by_id.values())


def _paired(view: SessionView) -> list[PairedReading]:
    paired = view.paired
    around = [(Phase.BEFORE, paired.before), (Phase.AFTER, paired.after)]
    around += [(Phase.FOLLOWUP, reading) for reading in paired.followups]
    return [PairedReading(phase=phase, reading=reading) for phase, reading in around if reading is not None]


def _plan(wanted: Iterable[Document], there: Mapping[str, Item], taken: set[object]) -> _Plan:
    plan, slots = _Plan(), set(taken)
    for document in wanted:
        item = there.get(str(document["identifier"]))
        if _is_there(document, there):
            plan.unchanged += 1
        elif slot(document) in slots:
            plan.kept_apart.append(words.SLOT_TAKEN.format(event=document["eventType"], at=document["created_at"]))
        elif item is not None:
            plan.change.append((document, item))
        else:
            plan.create.append(document)
        slots.add(slot(document))
    return plan


def _is_there(document: Document, there: Mapping[str, Item]) -> bool:
    return is_same(document, there.get(str(document["identifier"]), {}))


def _taken(api: Api, pending: Iterable[Document]) -> set[object]:
    """Return the instants and event types that somebody else's treatments hold."""
    at_s = [int(str(document["date"])) // 1000 for document in pending]
    if not at_s:
        return set()
    items = api.treatments(Span(min(at_s), max(at_s) + 1))
    return {slot(item) for item in items if isinstance(item, Mapping) and identifier_of(item) is None}


def _gone(log: Log, person: Person, there: Mapping[str, Item]) -> list[Item]:
    """What this log held and no longer does; what another log wrote stays."""
    missing = set(there) - here(log, person, there)
    return [there[identifier] for identifier in sorted(ever_here(log, person, missing))]


def _verify(api: Api, sent: Iterable[Document]) -> None:
    there = _ours(api)
    lost = [one for one in sent if not _is_there(one, there)]
    if lost:
        raise SourceError(words.NOT_KEPT[0].format(name="Nightscout", count=len(lost)), words.NOT_KEPT[1])
