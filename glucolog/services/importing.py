"""Files in: read by an importer, stored as one undoable batch a file, with an account of every row."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from glucolog.core.moments import Moment, zone_info
from glucolog.core.records import Activity, Carbs, Dose, ImportBatch, InsulinKind, Note, Person
from glucolog.core.units import Unit
from glucolog.errors import UsageError
from glucolog.importers.base import (
    Imported,
    ImportedActivity,
    ImportedCarbs,
    ImportedDose,
    ImportedNote,
    OfferedSession,
    Options,
    Problem,
)
from glucolog.importers.registry import importer, read_source
from glucolog.importers.source import SourceFile, source_file
from glucolog.services.identity import Call, named_id, new_id, stem_of
from glucolog.services.mappings import remember, remembered
from glucolog.services.offers import open_offers
from glucolog.services.phrases import insulin_of
from glucolog.storage import Log, Reason, Writer
from glucolog.storage.bulk import BlockCounts, ReadingConflict

IMPORTED = "import "
GENERIC = "generic"
"""The format of a table whose columns somebody named."""
Progress = Callable[[int, int], None]
Event = Dose | Carbs | Activity | Note
ImportedRow = ImportedDose | ImportedCarbs | ImportedActivity | ImportedNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was said about the files."""

    format_name: str | None = None
    zone: str | None = None
    unit: Unit | None = None
    day_first: bool | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """What became of one file. `batch` is None when nothing was stored; `counts` are the file's rows by kind.

    `changed` and `removed` are events of earlier imports that their source has edited or dropped since.
    """

    file_name: str
    format: str
    batch: str | None
    counts: Mapping[str, int]
    new: int
    duplicate: int
    conflict: int
    changed: int = 0
    removed: int = 0
    conflicts: tuple[ReadingConflict, ...]
    rejected: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    skipped: Mapping[str, int]
    offered_sessions: tuple[OfferedSession, ...]
    dry_run: bool


class DryRun(Exception):  # noqa: N818 - it carries the way out of a transaction, not an error
    """Ends the transaction of a preview, so that nothing of it stays."""


def parse_mapping(said: Sequence[str]) -> dict[str, str]:
    """Read `FIELD=HEADER` options into header → field."""
    mapping = {}
    for text in said:
        name, equals, header = text.partition("=")
        if not equals or not name.strip() or not header.strip():
            raise UsageError(f"“{text}” is not FIELD=HEADER.", "Type it like glucose_mg_dl=Sensor.")
        mapping[header.strip()] = name.strip()
    return mapping


def import_file(log: Log, person: Person, name: str, request: Request, call: Call, progress: Progress) -> ImportOutcome:
    """Bring in one file as one undoable batch; a dry run does all of it and takes it back.

    glucolog's own export comes in as whole records with their ids, whoever they belong to.

    Raises what the importer raises, with nothing stored. What the log has already is not stored again, and a file that
    brings nothing new leaves no entry in the journal.
    """
    source = source_file(Path(name))
    imported = read_source(source, replace(_options(person, request, call.now, source), watch=progress))
    if imported.records:
        from glucolog.services.beginning import restore

        return restore(log, imported, source, call, progress, dry_run=request.dry_run)
    imported = replace(imported, offered_sessions=open_offers(log, person, imported.offered_sessions, call.now))
    if not request.dry_run:
        # One backup for all files of a call: it is named for the call's instant.
        log.keep_backup(Reason.IMPORT, call.now)
        if request.mapping:
            remember(source, request.mapping)
    return keep(log, person, imported, source.name, sha256_of(source), call, progress=progress, dry_run=request.dry_run)


def keep(
    log: Log,
    person: Person,
    imported: Imported,
    name: str,
    sha256: str,
    call: Call,
    *,
    progress: Progress = lambda _done, _total: None,
    dry_run: bool = False,
    verb: str = IMPORTED,
) -> ImportOutcome:
    """Store what an importer read as one undoable batch known by `name`; nothing new leaves no batch.

    The history tells it as `verb` and name.
    """
    batch = _batch(person, name, sha256, imported, call.now)
    uid = str(uuid.uuid5(uuid.UUID(call.uid), f"{name}:{sha256}"))
    counts = BlockCounts()
    try:
        with log.write(uid=uid, summary=f"{verb}{name}", person_id=person.id, at=call.now) as writer:
            counts = _store(writer, person, batch, imported, progress)
            if dry_run:
                raise DryRun
            stored = not writer.changed_nothing
    except DryRun:
        stored = False
    return _outcome(name, imported, counts, batch.id if stored else None, dry_run=dry_run)


def _options(person: Person, request: Request, now: Moment, source: SourceFile) -> Options:
    zone = zone_info(request.zone).key if request.zone else person.zone
    mapping = request.mapping or remembered(source)
    name = request.format_name or (GENERIC if mapping else None)
    return Options(
        zone=zone,
        now_s=now.epoch_s,
        unit=request.unit,
        format=None if name is None else importer(name).NAME,
        day_first=request.day_first,
        mapping=mapping,
    )


def _batch(person: Person, name: str, sha256: str, imported: Imported, now: Moment) -> ImportBatch:
    return ImportBatch(
        id=new_id(),
        person_id=person.id,
        at=now,
        file_name=name,
        file_sha256=sha256,
        format=imported.format,
        counts=dict(imported.counts),
    )


def sha256_of(source: SourceFile) -> str:
    with source.open() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]  # BytesIO and files both do


def _store(writer: Writer, person: Person, batch: ImportBatch, imported: Imported, progress: Progress) -> BlockCounts:
    total = sum(imported.counts.values()) + len(imported.records)
    writer.add(batch)
    counts = BlockCounts()
    for block in imported.blocks:
        taken = _further(progress, counts.stored + counts.duplicate, total)
        counts += writer.add_blocks(person.id, batch.id, [block], taken)
        progress(counts.stored + counts.duplicate, total)
    for count in _store_events(writer, person, batch.id, imported, counts.shift_s):
        counts += count
        progress(counts.stored + counts.duplicate, total)
    return counts


def _further(progress: Progress, done: int, total: int) -> Callable[[int], None]:
    """Report what is taken of a block on top of what was done before it."""
    return lambda taken: progress(done + taken, total)


def _store_events(
    writer: Writer, person: Person, batch_id: str, imported: Imported, shift_s: int
) -> Iterator[BlockCounts]:
    kinds: tuple[tuple[type[Event], Sequence[ImportedRow]], ...] = (
        (Dose, imported.doses),
        (Carbs, imported.carbs),
        (Activity, imported.activities),
        (Note, imported.notes),
    )
    for kind, rows in kinds:
        events: Sequence[Event] = [_event(kind, _named(row, person), person.id, batch_id) for row in rows]
        if imported.named:
            events, counts = writer.renew_events(
                person.id, batch_id, kind, events, _stems(kind, imported.named, person)
            )
            yield counts
        yield writer.add_events(person.id, batch_id, events, shift_s=shift_s)


def _stems(kind: type[Event], named: Sequence[str], person: Person) -> frozenset[str]:
    """Return what the ids of all events of a type begin with that the named entries can have."""
    return frozenset(stem_of(kind.__name__, name, person.id) for name in named)


def _named(row: ImportedRow, person: Person) -> ImportedRow:
    """Take an unnamed dose as the person's only fast insulin, as a typed one is."""
    if not isinstance(row, ImportedDose) or row.kind is not InsulinKind.UNKNOWN or row.name is not None:
        return row
    kind, name = insulin_of("", person)
    return row._replace(kind=kind, name=name)


def _event(kind: type[Event], row: ImportedRow, person_id: str, batch_id: str) -> Event:
    """Make the record of a row: its fields are the record's own, with the instant in two."""
    said = row._asdict()
    at = Moment(said.pop("at_s"), said.pop("zone"))
    remote = said.pop("remote")
    record_id = new_id() if remote is None else named_id(kind.__name__, remote, person_id)
    return kind(id=record_id, person_id=person_id, batch_id=batch_id, at=at, **said)


def _clock_remark(counts: BlockCounts) -> Iterator[Problem]:
    if counts.shifted:
        where = "later" if counts.shift_s > 0 else "earlier"
        said = f"{counts.shifted:,} readings stand in the log {_span_words(abs(counts.shift_s))} {where} already"
        yield Problem(None, f"{said} and were not taken again. If this file's clock is the right one, undo the other.")


def _span_words(seconds: int) -> str:
    hours, minutes = divmod(seconds // 60, 60)
    words = [f"{hours} hour{'s' * (hours > 1)}"] * (hours > 0) + [f"{minutes} minutes"] * (minutes > 0)
    return " ".join(words)


def _outcome(
    name: str, imported: Imported, counts: BlockCounts, batch_id: str | None, *, dry_run: bool
) -> ImportOutcome:
    return ImportOutcome(
        file_name=name,
        format=imported.format,
        batch=batch_id,
        counts=imported.counts,
        new=counts.new,
        duplicate=counts.duplicate,
        conflict=counts.conflict,
        changed=counts.changed,
        removed=counts.removed,
        conflicts=counts.conflicts,
        rejected=imported.problems,
        remarks=(*imported.remarks, *_clock_remark(counts)),
        skipped=imported.skipped,
        offered_sessions=imported.offered_sessions,
        dry_run=dry_run,
    )
