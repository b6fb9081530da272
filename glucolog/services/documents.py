"""The JSON documents of the contract: the names and keys that others script against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from glucolog.core.change import SessionChange
from glucolog.core.codec import kind_of, to_plain
from glucolog.core.findings import Finding, Unassessed
from glucolog.core.moments import Moment
from glucolog.core.pairing import Nadir
from glucolog.core.records import Carbs, Dose, Person, Reading
from glucolog.core.units import Glucose
from glucolog.core.vocabulary import BodyArea
from glucolog.services.around import SessionView
from glucolog.services.entries import Entry
from glucolog.services.sessions import Outcome
from glucolog.storage import JournalEntry

if TYPE_CHECKING:
    from glucolog.services.importing import ImportOutcome
    from glucolog.services.looking import Review, SessionLow

Document = dict[str, Any]


def reading(record: Reading) -> Document:
    """A reading: `{"id","at","mg_dl","mmol_l","entered","source","censored"}` and what else is known of it."""
    glucose = record.glucose
    return {
        "id": record.id,
        "at": record.at.iso(),
        "mg_dl": round(glucose.mg_dl, 1),
        "mmol_l": round(glucose.mmol_l, 2),
        "entered": {"amount": glucose.amount, "unit": glucose.unit.value},
        "source": record.source.value,
        "censored": glucose.censored.value if glucose.censored else None,
        "device": record.device,
        "note": record.note,
    }


def finding(item: Finding) -> Document:
    """A finding: `{"rule","level","message","inputs","threshold","citation"}`."""
    return {
        "rule": item.rule,
        "level": item.level.value,
        "message": item.message,
        "inputs": plain(item.inputs),
        "threshold": plain(item.threshold),
        "citation": item.citation,
    }


def change_of(item: SessionChange) -> Document:
    """A session's change: drop, rate, meter error, and how it was paired or why it can't be told."""
    return {
        "drop_mg_dl": _rounded(item.drop_mg_dl, 1),
        "rate_mg_dl_per_min": _rounded(item.rate_mg_dl_per_min, 3),
        "meter_error_mg_dl": _rounded(item.meter_error_mg_dl, 1),
        "within_error": item.within_error,
        "drop_at_least_mg_dl": _rounded(item.drop_at_least_mg_dl, 1),
        "drop_at_most_mg_dl": _rounded(item.drop_at_most_mg_dl, 1),
        "paired_by": item.paired_by.value if item.paired_by else None,
        "unassessed": item.unassessed.reason if item.unassessed else None,
    }


def session(view: SessionView) -> Document:
    """A session with `before`, `after`, `followups`, `nadir`, `change`, `findings`."""
    paired, record = view.paired, view.session
    fields = to_plain(record)
    fields.pop("links")
    return {
        **plain(fields),
        "ref": f"@{view.number}" if view.number else None,
        "start": record.start.iso(),
        "end": record.end.iso() if record.end else None,
        "minutes": record.minutes,
        "areas": [str(area) for area in record.areas],
        "before": reading(paired.before) if paired.before else None,
        "after": reading(paired.after) if paired.after else None,
        "followups": [reading(item) for item in paired.followups],
        "nadir": _nadir(paired.nadir),
        "change": change_of(view.change),
        "symptoms": [entry(item) for item in view.symptoms],
        "findings": [finding(item) for item in view.findings],
    }


def logged(outcome: Outcome) -> Document:
    """What `log`, `start`, `stop`, `again` and `session edit` answer."""
    return {
        "session": session(outcome.view),
        "findings": [finding(item) for item in outcome.view.findings],
        "insulin": [entry(item) for item in outcome.companions if isinstance(item, Dose)],
        "carbs": [entry(item) for item in outcome.companions if isinstance(item, Carbs)],
        "repeated": outcome.repeated,
    }


def person(record: Person) -> Document:
    """A person, every field by its name; the zone also as `tz`."""
    fields = plain(to_plain(record))
    sites = [{"kind": site.kind.value, "place": str(site.place), "until": plain(site.until)} for site in record.sites]
    return {**fields, "tz": record.zone, "sites": sites}


def entry(record: Entry) -> Document:
    """A single entry, its instant in ISO 8601 and its place in the words people type."""
    if isinstance(record, Reading):
        return reading(record)
    fields = plain(to_plain(record))
    for name in ("site", "place"):
        place = getattr(record, name, None)
        if isinstance(place, BodyArea):
            fields[name] = str(place)
    return {**fields, "at": record.at.iso()}


def key(record: Entry) -> str:
    """The key of a stored entry in an answer."""
    return {"dose": "insulin"}.get(kind_of(record), kind_of(record))


def change(item: JournalEntry) -> Document:
    """A journal entry."""
    return {
        "number": item.seq,
        "uid": item.uid,
        "at": item.at.iso(),
        "action": item.action.value,
        "summary": item.summary,
        "state": item.state.value,
    }


def review(found: Review) -> Document:
    """What `review` answers: `{"sessions","lows","missing"}`."""
    return {
        "since": found.range.since.iso(),
        "until": found.range.until.iso(),
        "sessions": [session(view) for view in found.sessions],
        "lows": [low_after(item) for item in found.lows],
        "missing": [{"session": item.session.id, "what": item.what} for item in found.missing],
    }


def low_after(item: SessionLow) -> Document:
    """A low after a session: when, how deep, in which window."""
    return {
        "session": item.session.id,
        "level": item.low.level,
        "window": item.low.window.value,
        "basis": item.low.basis.value,
        "minutes_after_end": round(item.low.minutes_after_end, 1),
        "minutes_below": _rounded(item.low.minutes_below, 1),
        "first": reading(item.low.first),
        "lowest": reading(item.low.lowest),
    }


def imports(done: Sequence[ImportOutcome]) -> Document:
    """What `import` answers: the contract's document for one file; for several, one each under `imports`."""
    documents = [imported(item) for item in done]
    if len(documents) == 1:
        return documents[0]
    totals = {
        name: sum(document[name] for document in documents)
        for name in ("new", "duplicate", "conflict", "changed", "removed")
    }
    return {"imports": documents, **totals}


def imported(item: ImportOutcome) -> Document:
    """What became of one file."""
    return {
        "file": item.file_name,
        "batch": item.batch,
        "format": item.format,
        "dry_run": item.dry_run,
        "new": item.new,
        "duplicate": item.duplicate,
        "conflict": item.conflict,
        "changed": item.changed,
        "removed": item.removed,
        "conflicts": [
            {
                "at": conflict.at.iso(),
                "source": conflict.source.value,
                "in_use": plain(conflict.in_use),
                "offered": plain(conflict.offered),
            }
            for conflict in item.conflicts
        ],
        "rejected": [{"line": problem.line, "reason": problem.reason} for problem in item.rejected],
        "remarks": [{"line": problem.line, "reason": problem.reason} for problem in item.remarks],
        "skipped": dict(item.skipped),
        "offered_sessions": [
            {"at": Moment(offer.at_s, offer.zone).iso(), "minutes": offer.minutes, "text": offer.text}
            for offer in item.offered_sessions
        ],
        "counts": dict(item.counts),
    }


def _nadir(nadir: Nadir | Unassessed) -> Document:
    if isinstance(nadir, Unassessed):
        return {"reading": None, "minutes_from_start": None, "unassessed": nadir.reason}
    return {
        "reading": reading(nadir.reading),
        "minutes_from_start": round(nadir.minutes_from_start, 1),
        "readings": nadir.readings,
        "longest_gap_min": round(nadir.longest_gap_min, 1),
        "unassessed": None,
    }


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)


def plain(value: Any) -> Any:
    """Turn records, enumerations, moments, glucose and reasons into plain JSON values."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (Moment, Moment.iso),
    (Glucose, lambda glucose: {"amount": glucose.amount, "unit": glucose.unit.value}),
    ((BodyArea, PurePath), str),
    (Unassessed, lambda missing: {"unassessed": missing.reason}),
    (Enum, lambda word: word.value),
    (date, date.isoformat),
    (float, lambda number: round(number, 4)),
    (Mapping, lambda items: {str(name): plain(item) for name, item in items.items()}),
    ((list, tuple, set, frozenset), lambda items: [plain(item) for item in items]),
)
