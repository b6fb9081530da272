"""From what was said about a session to the records it makes, with every refusal before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Carbs, Dose, Person, Phase, Reading, ReadingLink, Session, Symptom
from glucolog.core.units import Glucose, Source
from glucolog.core.vocabulary import WARM_WATER, BodyArea, Pressure
from glucolog.errors import ConfirmationNeededError, RefusedError
from glucolog.services.entries import BARE_CLOCK
from glucolog.services.identity import new_id
from glucolog.services.phrases import CarbsPhrase, DosePhrase, FollowupPhrase, ScorePhrase

USUAL_MINUTES = 30.0
"""The length taken for a first session when nobody says one; the session is then marked as assumed."""
LONGEST_MINUTES = 240.0
"""A longer session is unusual enough to ask about."""
OF_ITS_OWN = frozenset({"note", "tags", "hands_washed", "equipment_clean", "water_c"})
"""Details of one session alone: hands are washed and water is measured anew for the next."""
WATER_SPAN_C = 5.0, 60.0
"""Water outside of this was mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a session was like; None or empty where not said. `again` carries these over."""

    areas: tuple[BodyArea, ...] = ()
    techniques: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    pressure: Pressure | None = None
    performer: str | None = None
    performer_name: str | None = None
    performer_trained: bool | None = None
    water_c: float | None = None
    lotion: bool | None = None
    lotion_between_toes: bool | None = None
    hands_washed: bool | None = None
    equipment_clean: bool | None = None
    position: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()

    def said(self) -> dict[str, object]:
        """Return only the details that were said, by field name."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: value for name, value in values.items() if value is not None and value != ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What goes with a session: readings, doses, carbs and symptom scores."""

    before: Glucose | None = None
    after: Glucose | None = None
    followups: tuple[FollowupPhrase, ...] = ()
    doses: tuple[DosePhrase, ...] = ()
    carbs: tuple[CarbsPhrase, ...] = ()
    scores: dict[str, ScorePhrase] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a session was, as said: any two of start, end and minutes, or fewer."""

    start: Moment | None = None
    end: Moment | None = None
    minutes: float | None = None


Companion = Dose | Carbs | Symptom
"""What a session may bring along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The records one log entry makes."""

    session: Session
    readings: tuple[Reading, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    symptoms: tuple[Symptom, ...] = ()

    def companions(self) -> tuple[Companion, ...]:
        """All but the session and the readings it links to."""
        return (*self.doses, *self.carbs, *self.symptoms)


@dataclass(frozen=True, slots=True)
class Span:
    """A settled start and end; `assumed` when the length was not said."""

    start: Moment
    end: Moment
    assumed: bool


def settle_span(timing: Timing, now: Moment, earlier: Callable[[], Sequence[Session]]) -> Span:
    """Settle when a finished session was.

    With no start, end or minutes it ended now. With no length, it is the median of the person's `earlier` sessions
    (asked for only then), else `USUAL_MINUTES`, and marked as assumed. Raises `RefusedError` for an end before the
    start or in the future.
    """
    start, end, minutes = timing.start, timing.end, timing.minutes
    assumed = minutes is None and (start is None or end is None)
    length = _usual_minutes(earlier()) if assumed else minutes or 0.0
    if start is None:
        end = end or now
        start = end.plus(minutes=-length)
    elif end is None:
        end = start.plus(minutes=length) if not assumed else min(start.plus(minutes=length), max(now, start))
    span = Span(start, end, assumed)
    _refuse_impossible(span, timing, now)
    return span


def _usual_minutes(earlier: Sequence[Session]) -> float:
    lengths = sorted(session.minutes for session in earlier if session.minutes and not session.length_assumed)
    return lengths[len(lengths) // 2] if lengths else USUAL_MINUTES


def _refuse_impossible(span: Span, timing: Timing, now: Moment) -> None:
    if span.end.epoch_s <= span.start.epoch_s:
        raise RefusedError(
            f"The end ({format_moment(span.end)}) is not after the start ({format_moment(span.start)}).",
            f"Check --start, --end and --minutes. {BARE_CLOCK}",
        )
    if span.end.epoch_s > now.epoch_s:
        raise RefusedError(
            f"The session would end in the future ({format_moment(span.end)}).",
            f"Log it when it is over, or begin one now with `glucolog start`. {BARE_CLOCK}",
        )
    stated = timing.minutes
    actual = span.end.minutes_since(span.start)
    if timing.start and timing.end and stated is not None and abs(actual - stated) > 1:
        raise RefusedError(
            f"From start to end are {actual:,.0f} minutes, and --minutes says {stated:g}.",
            "Leave one of the three out.",
        )


def refuse_unusual(span: Span, others: Iterable[Session]) -> None:
    """Raise `ConfirmationNeededError` for a very long session or one that overlaps another."""
    if span.end.minutes_since(span.start) > LONGEST_MINUTES:
        raise ConfirmationNeededError(
            f"A session of {span.end.minutes_since(span.start):,.0f} minutes is unusual.",
            "Check the times, or confirm with --yes.",
        )
    for other in others:
        end = other.end or span.end
        if other.start.epoch_s < span.end.epoch_s and span.start.epoch_s < end.epoch_s:
            raise ConfirmationNeededError(
                f"It overlaps the session of {format_moment(other.start)}.", "Check the times, or confirm with --yes."
            )


def check_water(water_c: float | None) -> None:
    """Raise `RefusedError` for a water temperature that no foot bath has."""
    low, high = WATER_SPAN_C
    if water_c is not None and not low <= water_c <= high:
        raise RefusedError(f"Water of {water_c:g} °C is not possible.", f"Type degrees Celsius, {low:g} to {high:g}.")


def finished(person: Person, span: Span, details: Details) -> Session:
    """Make the record of a finished session."""
    bare = Session(id=new_id(), person_id=person.id, start=span.start, end=span.end, length_assumed=span.assumed)
    return changed(bare, details)


def bundle(person: Person, session: Session, around: Around) -> Bundle:
    """Make the records that go with a session; a reading before, after or later is linked to it.

    Raises `RefusedError` for what is after the end of a session that is still running.
    """
    if session.end is None and _after_the_end(around):
        raise RefusedError("The session is still running: nothing is after it yet.", "Say it with `glucolog stop`.")
    placed = _readings(person, session, around)
    links = tuple(ReadingLink(reading_id=reading.id, phase=phase) for reading, phase in placed)
    new_phases = {phase for _, phase in placed if phase is not Phase.FOLLOWUP}
    kept = tuple(link for link in session.links if link.phase not in new_phases)
    return Bundle(
        session=replace(session, links=kept + links),
        readings=tuple(reading for reading, _ in placed),
        doses=tuple(dose(person, phrase) for phrase in around.doses),
        carbs=tuple(
            Carbs(id=new_id(), person_id=person.id, at=phrase.at, grams=phrase.grams) for phrase in around.carbs
        ),
        symptoms=symptoms(person, session, around.scores),
    )


def _after_the_end(around: Around) -> bool:
    scored = any(score.after is not None for score in around.scores.values())
    return around.after is not None or bool(around.followups) or scored


def _readings(person: Person, session: Session, around: Around) -> list[tuple[Reading, Phase]]:
    placed = [(around.before, session.start, Phase.BEFORE)]
    if session.end is not None:
        placed.append((around.after, session.end, Phase.AFTER))
        placed += [
            (followup.glucose, session.end.plus(minutes=followup.minutes_after_end), Phase.FOLLOWUP)
            for followup in around.followups
        ]
    return [(reading(person, glucose, at), phase) for glucose, at, phase in placed if glucose is not None]


def reading(person: Person, glucose: Glucose, at: Moment, source: Source = Source.METER) -> Reading:
    """Make a reading record of what was typed."""
    return Reading(id=new_id(), person_id=person.id, at=at, glucose=glucose, source=source)


def dose(person: Person, phrase: DosePhrase) -> Dose:
    """Make a dose record of a phrase."""
    return Dose(
        id=new_id(),
        person_id=person.id,
        at=phrase.at,
        units=phrase.units,
        kind=phrase.kind,
        name=phrase.name,
        site=phrase.site,
    )


def symptoms(person: Person, session: Session, scores: dict[str, ScorePhrase]) -> tuple[Symptom, ...]:
    """Make a score record for each side of the session that was said."""
    made = []
    for name, score in scores.items():
        sides = ((score.before, Phase.BEFORE, session.start), (score.after, Phase.AFTER, session.end))
        for value, phase, at in sides:
            if value is not None and at is not None:
                made.append(
                    Symptom(
                        id=new_id(),
                        person_id=person.id,
                        at=at,
                        symptom=name,
                        score=value,
                        session_id=session.id,
                        phase=phase,
                    )
                )
    return tuple(made)


def changed(session: Session, details: Details) -> Session:
    """Return the session with the details that were said put in place of the old ones."""
    return replace(session, **details.said())  # type: ignore[arg-type]


def details_of(session: Session) -> Details:
    """Return the details of a stored session, for `again`, but for what is its own; warm water itself is repeated."""
    kept = {name: getattr(session, name) for name in Details.__dataclass_fields__ if name not in OF_ITS_OWN}
    water = () if session.water_c is None or WARM_WATER in session.tools else (WARM_WATER,)
    return Details(**kept | {"tools": (*session.tools, *water)})


def merged(base: Details, said: Details) -> Details:
    """Return `base` with what was said put over it."""
    return replace(base, **said.said())  # type: ignore[arg-type]
