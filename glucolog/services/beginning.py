"""glucolog's own export brought in: it begins a log where there is none, and adds what is missing where there is one.

Records keep their ids, so an export brought into an empty log gives an equal log, and brought in twice adds nothing.
A file's records of one person are one change of theirs that undo takes back: nobody's history speaks of another.
A person of the file whose name the log knows is the log's person.
"""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from glucolog.core.codec import kind_of
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Person, Reading, Record, Session, Symptom
from glucolog.errors import NotFoundError, RefusedError
from glucolog.importers.base import Imported, Options, Problem
from glucolog.importers.registry import read_source, sniff_source
from glucolog.importers.source import SourceFile, source_file
from glucolog.services.identity import Call
from glucolog.services.importing import DryRun, ImportOutcome, Progress, Request, sha256_of
from glucolog.services.opening import opened
from glucolog.storage import BlockCounts, Log, Reason
from glucolog.storage.problems import NoLogError

OWN = "glucolog"
CHUNK = 5_000
"""So many records are stored between two reports of progress."""
BEGUN = "A log was begun at {path}."
SEVERAL = "The file holds the records of several people: {names}."
BELONGS_TO_NOBODY = "{kind}: it names a record that is neither in the file nor in the log."

_COUNTED = {"dose": "insulin", "import_batch": "import"}
"""What a kind is called in the answer of an import, where that is another word."""


def is_own(name: str, request: Request) -> bool:
    """Whether the file is to be read as glucolog's own export. Raises what looking at it raises."""
    if request.format_name is not None:
        return request.format_name.strip().lower() == OWN
    return sniff_source(source_file(Path(name))) == OWN


def begin(
    target: str, name: str, request: Request, call: Call, progress: Progress = lambda _done, _total: None
) -> tuple[Person, ImportOutcome]:
    """Bring an own export into the log at `target`, which is made where there is none, and say whose it is.

    Raises what reading raises, with no log made; a dry run makes none either.
    """
    source = source_file(Path(name))
    imported = read_source(source, Options(zone="UTC", now_s=call.now.epoch_s, format=OWN))
    people = [record for record in imported.records if isinstance(record, Person)]
    if not people:
        raise RefusedError(f"{source.name} names nobody whose records these are.", "Export the log again.")
    local = replace(call, now=Moment(call.now.epoch_s, people[0].zone))
    with _log_at(target, dry_run=request.dry_run) as (log, is_new):
        outcome = restore(log, imported, source, local, progress, dry_run=request.dry_run)
        remarks = [BEGUN.format(path=log.label)] if is_new and not request.dry_run else []
    remarks += [SEVERAL.format(names=", ".join(person.name for person in people))] if len(people) > 1 else []
    return people[0], replace(outcome, remarks=(*outcome.remarks, *(Problem(None, text) for text in remarks)))


def restore(
    log: Log, imported: Imported, source: SourceFile, call: Call, progress: Progress, *, dry_run: bool = False
) -> ImportOutcome:
    """Store the whole records that an own export holds and the log does not, as one change for each person."""
    records = _as_known(log, imported.records)
    kept, dangling = _whole(log, records)
    if not dry_run and log.people():
        log.keep_backup(Reason.IMPORT, call.now)
    counts, stored, done = BlockCounts(), [], 0
    for person_id, own in _by_person(kept).items():
        uid = str(uuid.uuid5(uuid.UUID(call.uid), f"{source.name}:{sha256_of(source)}:{person_id}"))
        change = _Change(log, person_id, f"import {source.name}", replace(call, uid=uid))
        came, is_new = change.of(own, partial(_from, done, progress, len(kept)), dry_run=dry_run)
        counts, done = counts + came, done + len(own)
        stored += [uid] if is_new else []
    return _outcome(source, imported, kept, dangling, counts, stored[0] if stored else None, dry_run=dry_run)


def _from(done: int, progress: Progress, total: int, more: int) -> None:
    progress(done + more, total)


def _by_person(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.id if isinstance(record, Person) else record.person_id, []).append(record)
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    """One person's part of a file, as one change of their log."""

    log: Log
    person_id: str
    summary: str
    call: Call

    def of(
        self, records: Sequence[Record], progress: Callable[[int], None], *, dry_run: bool
    ) -> tuple[BlockCounts, bool]:
        """Store what is missing of the records; return what became of them, and whether the log changed."""
        counts = BlockCounts()
        now, uid = self.call.now, self.call.uid
        try:
            with self.log.write(uid=uid, summary=self.summary, person_id=self.person_id, at=now) as writer:
                for first in range(0, len(records), CHUNK):
                    counts += writer.add_missing(records[first : first + CHUNK])
                    progress(min(first + CHUNK, len(records)))
                if dry_run:
                    raise DryRun
                return counts, not writer.changed_nothing
        except DryRun:
            return counts, False


@contextmanager
def _log_at(target: str, *, dry_run: bool) -> Iterator[tuple[Log, bool]]:
    """Open the log, or make one where there is none (for a dry run one that doesn't stay); say whether it is new."""
    with ExitStack() as held:
        try:
            found = held.enter_context(opened(target)), False
        except NoLogError:
            place = f"{held.enter_context(tempfile.TemporaryDirectory())}/preview.db" if dry_run else target
            found = held.enter_context(opened(place, create=True)), True
        yield found


def _as_known(log: Log, records: Iterable[Record]) -> list[Record]:
    """Give the records of people whose names the log knows to the log's people, who stay as they are."""
    known = {person.name.casefold(): person for person in log.people()}
    given = list(records)
    same = {
        record.id: known[record.name.casefold()]
        for record in given
        if isinstance(record, Person) and known.get(record.name.casefold(), record).id != record.id
    }
    if not same:
        return given
    own = (record for record in given if not isinstance(record, Person))
    moved = (replace(one, person_id=same[one.person_id].id) if one.person_id in same else one for one in own)
    strangers = (record for record in given if isinstance(record, Person) and record.id not in same)
    return [*strangers, *same.values(), *moved]


def _whole(log: Log, records: Sequence[Record]) -> tuple[list[Record], list[Problem]]:
    """Part the records whose references can be followed from those whose can't."""
    known = _Known(log, records)
    whole = [record for record in records if known.all_of(record)]
    if len(whole) == len(records):
        return whole, []
    lost = [record for record in records if not known.all_of(record)]
    further, problems = _whole(log, whole)
    return further, [*(Problem(None, BELONGS_TO_NOBODY.format(kind=kind_of(one))) for one in lost), *problems]


class _Known:
    """What records may name: those beside them and those in the log."""

    def __init__(self, log: Log, records: Iterable[Record]) -> None:
        self._log = log
        self._known = {(kind_of(record), record.id): True for record in records}

    def all_of(self, record: Record) -> bool:
        """Whether everything that a record names is known."""
        return all(self._knows(record_type, record_id) for record_type, record_id in _named_by(record))

    def _knows(self, record_type: type[Record], record_id: str) -> bool:
        key = kind_of(record_type), record_id
        if key not in self._known:
            self._known[key] = self._stored(record_type, record_id)
        return self._known[key]

    def _stored(self, record_type: type[Record], record_id: str) -> bool:
        try:
            self._log.record(record_type, record_id)
        except (NotFoundError, RefusedError):
            return False
        return True


def _named_by(record: Record) -> Iterator[tuple[type[Record], str]]:
    if isinstance(record, Person):
        return
    yield Person, record.person_id
    if (batch_id := getattr(record, "batch_id", None)) is not None:
        yield ImportBatch, batch_id
    if isinstance(record, Symptom) and record.session_id:
        yield Session, record.session_id
    if isinstance(record, Session):
        yield from ((Reading, link.reading_id) for link in record.links)


def _outcome(
    source: SourceFile,
    imported: Imported,
    kept: Iterable[Record],
    dangling: Sequence[Problem],
    counts: BlockCounts,
    uid: str | None,
    *,
    dry_run: bool,
) -> ImportOutcome:
    return ImportOutcome(
        file_name=source.name,
        format=imported.format,
        batch=uid,
        counts=_counted(kept),
        new=counts.new,
        duplicate=counts.duplicate,
        conflict=counts.conflict,
        conflicts=(),
        rejected=(*imported.problems, *dangling),
        remarks=imported.remarks,
        skipped=imported.skipped,
        offered_sessions=(),
        dry_run=dry_run,
    )


def _counted(records: Iterable[Record]) -> dict[str, int]:
    counts: Counter[str] = Counter(cgm=0, meter=0, insulin=0, carbs=0, activity=0, note=0)
    for record in records:
        kind = kind_of(record)
        counts[record.source.value if isinstance(record, Reading) else _COUNTED.get(kind, kind)] += 1
    return dict(counts)
