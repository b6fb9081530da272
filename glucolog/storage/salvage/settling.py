"""What came out of a damaged log held against its journal: what the journal knows better is set right.

A record made by hand that is gone from its table is taken from its image in the journal, and so is one that lost what
belongs to it. Of what lay on a page that nothing led to, the journal must not say otherwise: such a page may have been
given up long ago, and what was undone since must not come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from json import loads

from sqlalchemy import Connection, delete, or_, select

from glucolog.core.codec import RECORD_KINDS, from_plain
from glucolog.core.moments import zone_info
from glucolog.core.records import Reading, Record, TargetSet, Therapy
from glucolog.core.units import Unit
from glucolog.errors import GlucologError
from glucolog.storage import rows
from glucolog.storage.check import expected_images, undone_batches, unlike_journal
from glucolog.storage.chunks import chunked
from glucolog.storage.journal import IMPORTED_TABLES
from glucolog.storage.mapping import mapped_kind
from glucolog.storage.salvage.losses import some
from glucolog.storage.tables import journal_row, reading
from glucolog.storage.used import settle_used

ID_BYTES = 16
_LOST_NAME = "(lost)"
"""The name of a person, or of an import's file, of which nothing is known any more."""

Images = Mapping[tuple[str, str], str | None]
"""What the journal says of each record, by kind and id: its text, None where it is not there."""

_NO_RECORD = ValueError, LookupError, TypeError, GlucologError


def leave_out_unreadable(connection: Connection) -> Iterator[str]:
    """Take away the rows that can't be read as the records they should be; say how many of each kind."""
    for kind in RECORD_KINDS:
        nameless = f"DELETE FROM {kind} WHERE length(id) <> {ID_BYTES}"  # noqa: S608 – our own names, here and below
        count = connection.exec_driver_sql(nameless).rowcount
        if not _can_be_read(connection, kind, None):
            bad = list(_bad_ids(connection, kind))
            _remove(connection, kind, bad)
            count += len(bad)
        if count:
            yield f"{some(count, kind)} held what none can."


def settle(
    connection: Connection, suspects: Mapping[str, Iterable[str]], images: Images, *, journal_is_whole: bool
) -> int:
    """Make the suspects, ids by kind, what the journal left, and store what their tables have lost; return how many.

    A suspect that the journal says is not there, is taken away.
    """
    named = _named(connection)
    undone = set(connection.execute(undone_batches()).scalars())
    for kind, ids in suspects.items():
        for record in rows.fetch_all(connection, RECORD_KINDS[kind], _answered_for(connection, kind, ids)).values():
            name = kind, record.id
            batch_id = getattr(record, "batch_id", None)
            by_hand = batch_id is None and (journal_is_whole or name in named)
            if (text := images.get(name)) is not None:
                _make(connection, record, _record(kind, text))
            elif by_hand or batch_id in undone or name in images:
                _remove(connection, kind, [record.id])
    return sum(_restore(connection, kind, images) for kind in RECORD_KINDS)


def without_history(connection: Connection) -> list[tuple[str, str]]:
    """Return the kind and the id of each record made by hand that the journal has lost every word of."""
    named = _named(connection)
    return [one for one in unlike_journal(connection, expected_images(connection)) if one not in named]


def use_what_is_left(connection: Connection) -> None:
    """Let a reading be in use whose instant another had, when that other one is lost."""
    unused = reading.c.used.is_(False)
    settle_used(connection, rows.select_records(connection, Reading, unused))


def leave_out_orphans(connection: Connection) -> Iterator[str]:
    """Take away rows that belong to what was lost, until none does; say how many. A person's, an import's stay."""
    yield from _lost_people(connection)
    yield from _lost_imports(connection)
    while orphaned := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        for table in sorted({row[0] for row in orphaned}):
            yield _delete_orphans(connection, table)


def _answered_for(connection: Connection, kind: str, ids: Iterable[str]) -> list[str]:
    """Return those of the ids that the journal has a word on: not what an import that stands has brought."""
    table = mapped_kind(kind).table
    if "batch_id" not in table.c:
        return sorted(ids)
    named = table.c.id.in_(select(journal_row.c.record_id).where(journal_row.c.kind == kind))
    by_hand = or_(table.c.batch_id.is_(None), table.c.batch_id.in_(undone_batches()))
    return sorted(set(ids) & set(connection.execute(select(table.c.id).where(or_(named, by_hand))).scalars()))


def _named(connection: Connection) -> set[tuple[str, str]]:
    return {(kind, one) for kind, one in connection.execute(select(journal_row.c.kind, journal_row.c.record_id))}


def _make(connection: Connection, record: Record, wanted: Record | None) -> None:
    if wanted is not None and wanted != record:
        rows.put(connection, wanted)


def _restore(connection: Connection, kind: str, images: Images) -> int:
    record_type = RECORD_KINDS[kind]
    wanted = {one: text for (of, one), text in images.items() if of == kind and text is not None}
    there = rows.fetch_all(connection, record_type, list(wanted), hidden_too=True)
    lost = [record for one, text in wanted.items() if one not in there and (record := _record(kind, text))]
    more = {"entry_seq": 0, "used": True} if record_type is Reading else {}
    if lost:
        _drop_children(connection, kind, [record.id for record in lost])
        rows.store(connection, lost, **more)
    return len(lost)


def _record(kind: str, text: str) -> Record | None:
    """Return the record of an image, None when the image is damaged itself."""
    try:
        return from_plain(kind, loads(text))
    except _NO_RECORD:
        return None


def _can_be_read(connection: Connection, kind: str, ids: Sequence[str] | None) -> bool:
    table = mapped_kind(kind).table
    chosen = [] if ids is None else [table.c.id.in_(ids)]
    zones = [column for column in table.c if column.name.endswith("zone")]
    try:
        rows.select_records(connection, RECORD_KINDS[kind], *chosen, hidden_too=True)
        for column in zones:
            for zone in connection.execute(select(column).where(column.is_not(None), *chosen).distinct()).scalars():
                zone_info(zone)
    except _NO_RECORD:
        return False
    return True


def _bad_ids(connection: Connection, kind: str) -> Iterator[str]:
    found = connection.execute(select(mapped_kind(kind).table.c.id)).scalars().all()
    waiting = list(chunked(found))
    while waiting:
        ids = waiting.pop()
        if _can_be_read(connection, kind, ids):
            continue
        if len(ids) == 1:
            yield ids[0]
        else:
            waiting += [ids[: len(ids) // 2], ids[len(ids) // 2 :]]


def _remove(connection: Connection, kind: str, ids: Sequence[str]) -> None:
    table = mapped_kind(kind).table
    _drop_children(connection, kind, ids)
    for some_ids in chunked(ids):
        connection.execute(delete(table).where(table.c.id.in_(some_ids)))


def _drop_children(connection: Connection, kind: str, owners: Sequence[str]) -> None:
    for child in mapped_kind(kind).children:
        for some_ids in chunked(owners):
            connection.execute(delete(child.table).where(child.table.c[child.owner].in_(some_ids)))


def _lost_people(connection: Connection) -> Iterator[str]:
    """Stand somebody in for a person whose own row is lost: on the careful side, and only for whom the journal names.

    It names nobody who was forgotten.
    """
    lost = f"""INSERT INTO person (id, name, unit, zone, therapy, insulins, sites, neuropathies, target_set, questions,
            research_consent)
        SELECT person_id, '{_LOST_NAME}', coalesce((SELECT unit FROM reading WHERE person_id = entry.person_id LIMIT 1),
            '{Unit.MG_DL}'), max(zone), '{Therapy.MDI}', '[]', '[]', '[]', '{TargetSet.ADULT}', '[]', 0
        FROM journal AS entry WHERE person_id NOT IN (SELECT id FROM person) GROUP BY person_id"""  # noqa: S608
    if stood_in := connection.exec_driver_sql(lost).rowcount:
        yield (
            f"{some(stood_in, 'person')} could not be read; what is theirs is kept under “{_LOST_NAME}”:"
            " say who that is, and which therapy, with `glucolog person edit`."
        )


def _lost_imports(connection: Connection) -> Iterator[str]:
    """Stand something in for an import whose own row is lost, so that what it brought need not go with it."""
    stood_in = 0
    for table in IMPORTED_TABLES:
        lost = f"""INSERT INTO import_batch (id, person_id, at_s, zone, file_name, file_sha256, format, counts)
            SELECT batch_id, person_id, max(at_s), zone, '{_LOST_NAME}', '', '', '{{}}' FROM {table.name}
            WHERE batch_id IS NOT NULL AND batch_id NOT IN (SELECT id FROM import_batch)
            AND person_id IN (SELECT id FROM person) GROUP BY batch_id"""  # noqa: S608
        stood_in += connection.exec_driver_sql(lost).rowcount
    if stood_in:
        yield f"{some(stood_in, 'import_batch')} could not be read; what came with it is kept under “{_LOST_NAME}”."


def _delete_orphans(connection: Connection, table: str) -> str:
    gone = 0
    for _, _, parent, own, theirs, *_ in connection.exec_driver_sql(f"PRAGMA foreign_key_list({table})").all():
        query = f"DELETE FROM {table} WHERE {own} IS NOT NULL AND {own} NOT IN (SELECT {theirs} FROM {parent})"  # noqa: S608
        gone += connection.exec_driver_sql(query).rowcount
    return f"{some(gone, table)} belonged to what was lost."
