"""A live source brought into the log: what is new since the last time, as one undoable batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from glucolog.core.moments import Moment
from glucolog.core.records import Activity, Carbs, Dose, Note, Person, Reading
from glucolog.core.units import Source, Unit
from glucolog.core.wording import feeds as words
from glucolog.errors import SourceError, UsageError
from glucolog.feeds.base import Feed, Fetched, SensorReading, Span
from glucolog.feeds.nightscout import Nightscout
from glucolog.importers.base import Imported, Options
from glucolog.importers.dates import instant
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.nightscout import Taker
from glucolog.services.identity import Call
from glucolog.services.importing import IMPORTED, ImportOutcome, Progress, keep
from glucolog.services.offers import open_offers
from glucolog.services.own_entries import ever_here, identifier_of
from glucolog.services.pushing import Pushed, push
from glucolog.storage import Log

DAY_MIN = 24 * 60
FIRST_DAYS = 90
"""How far back the first sync goes where nobody says."""
OVERLAP_MIN = DAY_MIN
"""Asked for again each time: a phone that was offline fills its gap hours later."""
Brought = Reading | Dose | Carbs | Activity | Note
BROUGHT: tuple[type[Brought], ...] = (Reading, Dose, Carbs, Activity, Note)
LOOK_BACK_DAYS = (2, 30, 365, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOutcome:
    """What one sync did. `trouble` is what ended it early; what came before that is stored."""

    source: str
    since: Moment
    imported: ImportOutcome
    pushed: Pushed | None = None
    trouble: SourceError | None = None


def sync(
    log: Log,
    person: Person,
    feed: Feed,
    call: Call,
    since: Moment | None = None,
    *,
    write: bool = False,
    verb: str = IMPORTED,
    progress: Progress = lambda _done, _total: None,
) -> SyncOutcome:
    """Read a source from `since` on, else from a day before the last instant it brought, and store what is new.

    Stretches are read from the oldest on, so that what is cut off goes on there the next time. `write` brings our
    sessions to the source afterwards. Raises `SourceError` when nothing came at all, and `UsageError` before anything
    is asked where a source can't be written to.
    """
    if write and not isinstance(feed, Nightscout):
        raise UsageError(*words.ONLY_NIGHTSCOUT)
    done = _pull(log, person, feed, call, since, verb, progress)
    if not write or done.trouble is not None or not isinstance(feed, Nightscout):
        return done
    first = since or call.now.plus(minutes=-FIRST_DAYS * DAY_MIN)
    return replace(done, pushed=push(log, person, feed.api, first, call.now))


def _pull(
    log: Log, person: Person, feed: Feed, call: Call, since: Moment | None, verb: str, progress: Progress
) -> SyncOutcome:
    begun = _begun(log, person, feed, since, call.now)
    fetched, trouble = _fetch(feed, list(_spans(begun, call.now, feed.window_s)), progress)
    if trouble is not None and not any(part.items or part.readings for part in fetched):
        raise trouble
    imported = _read(log, person, feed, fetched, call.now)
    kept = keep(log, person, imported, feed.label, _sha256(fetched), call, verb=verb)
    return SyncOutcome(source=feed.name, since=begun, imported=kept, trouble=trouble)


def last_stored(log: Log, person: Person, label: str, now: Moment) -> Moment | None:
    """Return the last instant that stands in the log and came from this source, None where there is none.

    Derived from the log alone, so that an undone sync is read again.
    """
    for days in LOOK_BACK_DAYS:
        since = None if days is None else now.plus(minutes=-days * DAY_MIN)
        if brought := [record.at for record in _brought(log, person, label, since, now)]:
            return max(brought)
    return None


def _brought(log: Log, person: Person, label: str, since: Moment | None, now: Moment) -> Iterator[Brought]:
    """A batch is at most a day older than what it holds: readings may be stamped so far ahead."""
    earliest = None if since is None else since.plus(minutes=-DAY_MIN)
    batches = {one.id for one in log.imports(person.id, earliest) if one.file_name == label}
    for kind in BROUGHT if batches else ():
        yield from (record for record in log.entries(kind, person.id, since, now) if record.batch_id in batches)


def _begun(log: Log, person: Person, feed: Feed, since: Moment | None, now: Moment) -> Moment:
    begun = since
    if begun is None:
        last = last_stored(log, person, feed.label, now)
        begun = last.plus(minutes=-OVERLAP_MIN) if last else now.plus(minutes=-FIRST_DAYS * DAY_MIN)
    if feed.reach_s is not None:
        begun = max(begun, now.plus(seconds=-feed.reach_s))
    return min(begun, now)


def _spans(begun: Moment, now: Moment, window_s: int) -> Iterator[Span]:
    end_s = now.epoch_s + 1
    for since_s in range(begun.epoch_s, end_s, window_s):
        yield Span(since_s, min(since_s + window_s, end_s))


def _fetch(feed: Feed, spans: Sequence[Span], progress: Progress) -> tuple[list[Fetched], SourceError | None]:
    fetched: list[Fetched] = []
    try:
        for span in spans:
            fetched.append(feed.fetch(span))
            progress(len(fetched), len(spans))
    except SourceError as error:
        return fetched, error
    return fetched, None


def _read(log: Log, person: Person, feed: Feed, fetched: Sequence[Fetched], now: Moment) -> Imported:
    options = Options(zone=person.zone, now_s=now.epoch_s)
    items = [item for part in fetched for item in part.items]
    readings = [reading for part in fetched for reading in part.readings]
    imported = _read_items(log, person, items, options) if items else _read_sensor(feed, readings, options)
    return replace(imported, offered_sessions=open_offers(log, person, imported.offered_sessions, now))


def _read_items(log: Log, person: Person, items: Sequence[object], options: Options) -> Imported:
    """Validate what a Nightscout sent; items count from 1, entries before treatments in each stretch."""
    gathered = Gatherer(Nightscout.format, options)
    taker = Taker(gathered)
    own = ever_here(log, person, filter(None, map(identifier_of, items)))
    for number, item in enumerate(items, start=1):
        if identifier_of(item) in own:
            gathered.skip(words.OWN_ENTRIES)
        else:
            taker.take(number, item)
    return taker.finish()


def _read_sensor(feed: Feed, readings: Sequence[SensorReading], options: Options) -> Imported:
    gathered = Gatherer(feed.format, options)
    at = [words.NO_TIME if one.at_s is None else instant(one.at_s, options) for one in readings]
    texts = [one.mg_dl for one in readings]
    gathered.readings(range(1, len(at) + 1), at, texts, Source.CGM, Unit.MG_DL, feed.name)
    return gathered.imported()


def _sha256(fetched: Sequence[Fetched]) -> str:
    content = json.dumps([[part.items, part.readings] for part in fetched], sort_keys=True, default=str)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
