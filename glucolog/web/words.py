"""Records in words for the pages: short, both units where a value was stored, local times."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from glucolog.core.after import LowPlan
from glucolog.core.citations import CITATIONS
from glucolog.core.findings import Finding, Level, Unassessed
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    ImportBatch,
    Insulin,
    Note,
    Person,
    Reading,
    Record,
    Session,
    Symptom,
)
from glucolog.core.trend import Arrow, Trend
from glucolog.core.units import format_apart, format_both, format_glucose, round_half_up
from glucolog.core.vocabulary import BodyArea, Side
from glucolog.core.wording import after
from glucolog.core.wording import web as wording
from glucolog.core.wording.gate import VERDICTS
from glucolog.importers.base import OfferedSession
from glucolog.services.around import SessionView
from glucolog.services.caseload import Case
from glucolog.services.feeding import Fed
from glucolog.services.phrases import HIGHEST_SCORE

ARROWS = {
    Arrow.DOUBLE_UP: "⇈", Arrow.UP: "↑", Arrow.SLANTED_UP: "↗", Arrow.FLAT: "→", Arrow.SLANTED_DOWN: "↘",
    Arrow.DOWN: "↓", Arrow.DOUBLE_DOWN: "⇊",
}  # fmt: skip


def when(at: Moment) -> str:
    """Weekday, day, month, year and local time."""
    local = at.local
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def zoned(at: Moment) -> str:
    """The same with the zone and its offset."""
    offset = at.local.strftime("%z")
    return f"{when(at)} ({at.zone}, UTC{offset[:3]}:{offset[3:5]})"


def clock(at: Moment, zone: str | None = None) -> str:
    """Time of day on the clock of the moment's own zone, or of another."""
    return f"{Moment(at.epoch_s, zone or at.zone).local:%H:%M}"


def place(area: BodyArea) -> str:
    """A place as people say it."""
    if area.side in {Side.LEFT, Side.RIGHT}:
        return f"{area.side} {area.area}"
    return f"{area.area}, both sides" if area.side is Side.BOTH else area.area


def places(areas: Iterable[BodyArea]) -> str:
    """Several places."""
    return "; ".join(place(area) for area in areas)


def spoken(value: str) -> str:
    """A value of the map as people say it: `foot:left` is the left foot."""
    area, _, side = value.partition(":")
    return f"{side} {area}".strip()


def change(view: SessionView) -> str:
    """The change of a session in one or two sentences, or why it can't be told."""
    item, unit = view.change, view.person.unit
    if item.drop_mg_dl is None:
        return wording.NO_DROP.format(reason=item.unassessed.reason if item.unassessed else "")
    amount, error = format_apart(abs(item.drop_mg_dl), item.meter_error_mg_dl or 0, unit)
    sentence = wording.FELL if item.drop_mg_dl > 0 else wording.ROSE if item.drop_mg_dl < 0 else wording.UNCHANGED
    minutes = item.minutes_between
    told = sentence.format(amount=amount, unit=unit)
    told += wording.IN_MINUTES.format(minutes=whole(minutes)) if minutes else ""
    verdict = wording.WITHIN_ERROR if item.within_error else wording.BEYOND_ERROR
    return f"{told}. {verdict.format(error=error, unit=unit)}"


def loudest(findings: Iterable[Finding]) -> list[Finding]:
    """Findings, the loudest first."""
    order = list(Level)
    return sorted(findings, key=lambda finding: -order.index(finding.level))


def source_of(finding: Finding) -> str:
    """The label of a finding's source."""
    return CITATIONS[finding.citation].label


def told(record: Record) -> str:
    """One record in one line, without its time."""
    write = _TOLD.get(type(record))
    return write(record) if write else ""


def _session(record: Session) -> str:
    length = "running" if record.minutes is None else f"{whole(record.minutes)} min"
    what = "; ".join(filter(None, [places(record.areas), ", ".join(record.techniques)]))
    return f"Session, {length}{f': {what}' if what else ''}"


def _dose(record: Dose) -> str:
    site = f", {place(record.site)}" if record.site else ", site not said"
    return f"{record.units:g} U {record.name or record.kind}{site}"


def _symptom(record: Symptom) -> str:
    where = f", {place(record.place)}" if record.place else ""
    return f"{record.symptom.capitalize()} {record.score} of 10{where}"


def _foot_check(record: FootCheck) -> str:
    seen = "; ".join(f"{item.side} {item.region}: {item.finding}".replace("-", " ") for item in record.findings)
    return f"Foot check ({', '.join(record.sides)}): {seen or 'nothing seen'}"


def _batch(record: ImportBatch) -> str:
    rows = ", ".join(f"{count:,} {kind}" for kind, count in record.counts.items() if count)
    return f"Import of {record.file_name}: {rows or 'no rows'}"


def _carbs(record: Carbs) -> str:
    return f"{record.grams:g} g carbs{' to treat a low' if record.treatment else ''}"


def _activity(record: Activity) -> str:
    return f"{record.kind}{f', {record.minutes:g} min' if record.minutes else ''}"


_TOLD: dict[type, Callable[[Any], str]] = {
    Reading: lambda record: f"{format_both(record.glucose)}, {source(record)}",
    Dose: _dose,
    Carbs: _carbs,
    Activity: _activity,
    Note: lambda record: record.text,
    Symptom: _symptom,
    FootCheck: _foot_check,
    Session: _session,
    Person: lambda record: f"Profile of {record.name}",
    ImportBatch: _batch,
}


def source(reading: Reading) -> str:
    """What a reading was taken with."""
    return wording.SOURCES[reading.source]


def moment_of(record: Record) -> Moment | None:
    """When a record was; a profile has no moment."""
    if isinstance(record, Session):
        return record.start
    return getattr(record, "at", None)


def reasons(case: Case) -> list[str]:
    """Why somebody needs a look, in words; the quiet ones say so."""
    counts = {name: getattr(case, name) for name in wording.NEEDS_LOOK}
    found = [wording.NEEDS_LOOK[name].format(n=n) for name, n in counts.items() if n]
    return found if found or case.needs_look else [wording.QUIET_CASE]


def idle(case: Case) -> str:
    """How long ago something was logged."""
    if case.idle_days is None:
        return wording.NEVER_LOGGED
    return wording.IDLE[case.idle_days != 1].format(n=case.idle_days) if case.idle_days else wording.IDLE_TODAY


def arrow(trend: Trend | Unassessed) -> str:
    """The sign of a trend; nothing when it is not known."""
    return "" if isinstance(trend, Unassessed) else ARROWS[trend.arrow]


def arrow_words(trend: Trend | Unassessed) -> str:
    """A trend in words."""
    return wording.ARROW_UNKNOWN if isinstance(trend, Unassessed) else str(trend.arrow)


def offered_at(offer: OfferedSession) -> str:
    """When a massage that a file hints at was."""
    return when(Moment(offer.at_s, offer.zone))


def verdict_rest(verdict: str) -> str:
    """What is said of a verdict after its word."""
    said = VERDICTS[verdict].removeprefix(wording.VERDICT_WORDS[verdict]).lstrip(":,. ")
    return said[:1].upper() + said[1:] if said else wording.NOT_YET_REST


def feed_words(fed: Fed) -> str:
    """How a live source stands."""
    if fed.problem is not None:
        return wording.FEED_WRONG.format(name=fed.name, problem=fed.problem)
    if fed.down_since is not None:
        return wording.FEED_DOWN.format(name=fed.name, clock=clock(fed.down_since))
    return wording.FEED_UP.format(name=fed.name)


def options(table: Iterable[str]) -> list[tuple[str, str]]:
    """The words of a table as choices."""
    return [(word, word.replace("-", " ")) for word in table]


def named(insulins: Iterable[Insulin]) -> list[tuple[str, str]]:
    """A person's insulins as choices."""
    return [(insulin.name, insulin.name) for insulin in insulins]


def scores() -> list[tuple[str, str]]:
    """The scores of a symptom as choices."""
    return [(str(score), str(score)) for score in range(HIGHEST_SCORE + 1)]


def low_heading(low: LowPlan) -> str:
    """What a standing low asks for: to be treated, or once it was, to be looked at again."""
    return after.TREATED_HEADING.format(clock=clock(low.recheck_at)) if low.recheck_at else after.LOW_HEADING


def age(minutes: float) -> str:
    """How old a reading is: minutes at first, whole hours once they are easier to read."""
    in_minutes, in_hours = wording.LIVE_AGE
    return (
        in_hours.format(hours=int(minutes // 60))
        if minutes >= _IN_HOURS_MIN
        else in_minutes.format(minutes=whole(minutes))
    )


def whole(value: float) -> str:
    """A number without decimals, halves up."""
    return f"{round_half_up(value)}"


_IN_HOURS_MIN = 120
FILTERS: dict[str, Callable[..., Any]] = {
    "when": when,
    "offered_at": offered_at, "zoned": zoned, "clock": clock, "place": place, "places": places,
    "spoken": spoken, "change": change, "verdict_rest": verdict_rest, "feed_words": feed_words,
    "loudest": loudest, "source": source, "source_of": source_of, "told": told, "moment_of": moment_of,
    "reasons": reasons, "idle": idle,
    "low_heading": low_heading, "age": age, "arrow": arrow, "arrow_words": arrow_words, "whole": whole,
    "both": format_both, "glucose": format_glucose,
}  # fmt: skip
