"""Correcting a stored session: what is said changes, what is cleared goes, the rest stays; one journalled change."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Person, Phase, Reading, Session, Symptom
from glucolog.errors import NotFoundError
from glucolog.services.clearing import without
from glucolog.services.entries import refuse_future
from glucolog.services.entry import (
    Around,
    Bundle,
    Details,
    Span,
    Timing,
    bundle,
    changed,
    settle_span,
)
from glucolog.services.identity import Call
from glucolog.services.sessions import (
    Outcome,
    confirm_span,
    outcome,
    refuse_future_parts,
    repeated,
    replaced_scores,
    scores_of,
    store,
    writing,
)
from glucolog.storage import Log, Writer

DETAILS = frozenset(Details.__dataclass_fields__)
"""The details that can be taken out, by field; beside them scores by their symptom and readings by their `Phase`."""

Companion = Reading | Symptom
"""What was typed with a session and moves with it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a correction does: the session with its new companions, the old ones that move, and those that go."""

    made: Bundle
    moved: tuple[Companion, ...]
    gone: tuple[Companion, ...]


def edit_session(
    log: Log,
    person: Person,
    ref: str,
    timing: Timing,
    details: Details,
    around: Around,
    call: Call,
    cleared: Collection[str] = (),
) -> Outcome:
    """Change what is said of a stored session and take out what is `cleared`: details, scores, typed readings.

    A new reading or score takes the place of the one typed before. Typed readings and scores move with the start or
    end they stand at. An imported reading is only unlinked. Raises as `log_session` does.
    """
    old = log.session_by_ref(person.id, ref)
    bare = without(_unlinked(_retimed(old, timing, call.now), cleared), DETAILS & set(cleared))
    edit = _planned(log, person, old, bundle(person, changed(bare, details), around), cleared)
    refuse_future_parts(edit.made, call.now)
    for record in edit.moved:
        refuse_future(record.at, call.now)
    with writing(log, person, f"edit session of {format_moment(old.start)}", call) as writer:
        if writer.already_done:
            return repeated(log, person, call)
        session = edit.made.session
        if timing != Timing() and session.end is not None:
            span = Span(session.start, session.end, assumed=session.length_assumed)
            confirm_span(log, person, span, call, but=session.id)
        _carry_out(writer, edit)
    return outcome(log, person, edit.made, call)


def _planned(log: Log, person: Person, old: Session, made: Bundle, cleared: Collection[str]) -> Edit:
    typed, scores = _typed_readings(log, old), scores_of(log, person, old)
    linked = {link.reading_id for link in made.session.links}
    gone: list[Companion] = [reading for reading, _ in typed if reading.id not in linked]
    gone += replaced_scores(scores, made)
    gone += [score for score in scores if score.symptom in cleared and score not in gone]
    placed: list[tuple[Companion, Phase | None]] = [*typed, *((score, score.phase) for score in scores)]
    moved = tuple(_moved(record, phase, old, made.session) for record, phase in placed if record not in gone)
    return Edit(made, moved, tuple(gone))


def _carry_out(writer: Writer, edit: Edit) -> None:
    for record in edit.moved:
        writer.replace(record)
    for record in edit.gone:
        if isinstance(record, Symptom):
            writer.remove(record)
    store(writer, edit.made, new=False)
    for record in edit.gone:
        if isinstance(record, Reading):  # only once the session links to it no more
            writer.remove(record)


def _retimed(old: Session, timing: Timing, now: Moment) -> Session:
    if timing == Timing():
        return old
    if old.end is None and timing == Timing(start=timing.start):
        refuse_future(timing.start or old.start, now)
        return replace(old, start=timing.start or old.start)
    if timing.start and timing.end is None and timing.minutes is None and old.minutes is not None:
        timing = replace(timing, minutes=old.minutes)
    elif timing.start is None and not (timing.end and timing.minutes):
        timing = replace(timing, start=old.start)
    span = settle_span(timing, now, tuple)
    return replace(old, start=span.start, end=span.end, length_assumed=False)


def _unlinked(session: Session, cleared: Collection[str]) -> Session:
    return replace(session, links=tuple(link for link in session.links if link.phase not in cleared))


def _typed_readings(log: Log, session: Session) -> list[tuple[Reading, Phase]]:
    """Return the readings that were typed with a session; imported ones keep their own time and value."""
    typed = []
    for link in session.links:
        try:
            reading = log.record(Reading, link.reading_id)
        except NotFoundError:
            continue  # deleted since
        if reading.batch_id is None:
            typed.append((reading, link.phase))
    return typed


def _moved(record: Companion, phase: Phase | None, old: Session, new: Session) -> Companion:
    """Move what was typed with the end of the session it stands at: `before` with the start, the rest with the end."""
    stood, stands = (old.start, new.start) if phase is Phase.BEFORE else (old.end, new.end)
    if stood is None or stands is None or not (phase is Phase.FOLLOWUP or record.at == stood):
        return record
    return replace(record, at=record.at.plus(seconds=stands.epoch_s - stood.epoch_s))
