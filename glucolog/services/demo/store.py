"""Putting the made-up story into a log of its own."""

from __future__ import annotations

from array import array
from pathlib import Path

from glucolog.core.columns import ReadingBlock
from glucolog.core.moments import Moment
from glucolog.core.records import ImportBatch, Person, Record
from glucolog.core.units import Source, Unit, bounds
from glucolog.errors import RefusedError
from glucolog.services.demo.story import MADE_UP, ZONE, Story, tell
from glucolog.services.identity import Call, new_id
from glucolog.storage import Log, Writer, open_log


def make(folder: Path, call: Call) -> tuple[Log, Person]:
    """Make the demo log in `folder`, in place of an earlier one, and return it open with its person.

    Raises `RefusedError` when the file there is not a demo log: nobody's own log is ever replaced.
    """
    path = folder / "demo.db"
    _refuse_foreign(path)
    path.unlink(missing_ok=True)
    log = open_log(path, create=True)
    story = tell()
    _store(log, story, call)
    return log, story.person


def _refuse_foreign(path: Path) -> None:
    if not path.exists():
        return
    log = open_log(path)
    try:
        made_up = all(person.note == MADE_UP for person in log.people())
    finally:
        log.close()
    if not made_up:
        raise RefusedError(f"{path} is a log of its own, not the demo's.", "Name another folder with -o.")


def _store(log: Log, story: Story, call: Call) -> None:
    with log.write(uid=call.uid, summary="make up the demo log", person_id=story.person.id, at=call.now) as writer:
        writer.add(story.person)
        _store_sensor(writer, story, call.now)
        records: tuple[Record, ...] = (
            *story.readings,
            *story.sessions,
            *story.doses,
            *story.carbs,
            *story.symptoms,
            *story.foot_checks,
        )
        for record in records:
            writer.add(record)


def _store_sensor(writer: Writer, story: Story, now: Moment) -> None:
    batch = ImportBatch(
        id=new_id(),
        person_id=story.person.id,
        at=now,
        file_name="made up",
        file_sha256="",
        format="demo",
        counts={"cgm": len(story.cgm)},
    )
    writer.add(batch)
    writer.add_blocks(story.person.id, batch.id, [_block(story)])


def _block(story: Story) -> ReadingBlock:
    low, high = (pair.mg_dl for pair in bounds(Source.CGM))
    values = [value for _, value in story.cgm]
    return ReadingBlock(
        source=Source.CGM,
        unit=Unit.MG_DL,
        zone=ZONE,
        device="made-up sensor",
        at_s=array("q", [at.epoch_s for at, _ in story.cgm]),
        amount=array("d", [min(high, max(low, float(value))) for value in values]),
        censored=array("b", [-1 if value < low else 1 if value > high else 0 for value in values]),
    )
