"""Answers for people: what was stored, with weekday, local time, zone and both units, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glucolog.cli.session_text import details, length
from glucolog.core.after import low_plan
from glucolog.core.citations import CITATIONS
from glucolog.core.evidence import STALE_METER_MIN
from glucolog.core.findings import Finding, Level
from glucolog.core.moments import Moment, format_minute_of_day, format_moment
from glucolog.core.records import Carbs, Dose, Person, Reading, Session
from glucolog.core.units import Unit, format_apart, format_glucose
from glucolog.services.around import SessionView
from glucolog.services.entries import Entry
from glucolog.services.sessions import Outcome
from glucolog.services.summaries import describe
from glucolog.storage import JournalEntry, State

if TYPE_CHECKING:
    from glucolog.services.looking import Review

NO_SESSIONS = "No sessions in that time. Log one with: glucolog log --ago 10m --minutes 30 --area feet"
UNDO = "Take it back with: glucolog undo"
MORE = "\nThere are more: --limit says how many are listed."
EXAMPLES = {Unit.MG_DL: "--before 142 --after 120", Unit.MMOL_L: "--before 7.9 --after 6.7"}
"""What a first session may look like in a person's unit."""
SIGNS = {Level.INFO: "·", Level.CAUTION: "!", Level.WARNING: "!!", Level.URGENT: "!!!"}


def logged(outcome: Outcome, person: Person, now: Moment) -> str:
    """Answer a change to a session; a low just now comes with what to do about it."""
    head = "Already stored" if outcome.repeated else "Stored"
    paired = outcome.view.paired
    read = [reading for reading in (paired.before, paired.after, *paired.followups) if reading]
    lines = [*_session_lines(outcome.view, outcome.companions), "", *_treatment(person, read, now)]
    return "\n".join([f"{head} for {person.name}:", *lines, UNDO])


def session(view: SessionView) -> str:
    """Show one session."""
    return "\n".join(_session_lines(view))


def sessions(views: Sequence[SessionView]) -> str:
    """List sessions, a line each and their findings."""
    if not views:
        return NO_SESSIONS
    return "\n".join(line for view in views for line in _brief(view))


def deleted_session(view: SessionView) -> str:
    """Answer a deletion."""
    return f"Deleted the session of {format_moment(view.session.start)}; its readings stay.\n{UNDO}"


def readings(found: Sequence[Reading], person: Person) -> str:
    """List readings."""
    if not found:
        return f"No readings of {person.name} in that time."
    return "\n".join(f"@{number:<4} {describe(record)}" for number, record in enumerate(found, start=1))


def stored_entry(record: Entry, person: Person, now: Moment) -> str:
    """Answer a stored entry; a low just now comes with what to do about it."""
    told = _treatment(person, [record], now) if isinstance(record, Reading) else []
    return "\n".join([f"Stored for {person.name}: {describe(record)}", *told, UNDO])


def entry(record: Entry) -> str:
    """Show one entry with all that was said of it."""
    more = {"Device": "device", "Note": "note", "Import": "batch_id", "Id": "id"}
    said = {label: getattr(record, name, None) for label, name in more.items()}
    return "\n".join([describe(record), *(f"  {label:7} {value}" for label, value in said.items() if value)])


def deleted_entry(record: Entry, person: Person) -> str:
    """Answer a deletion."""
    return f"Deleted for {person.name}: {describe(record)}\n{UNDO}"


def entries(found: Sequence[Entry], person: Person, word: str) -> str:
    """List entries of one kind."""
    if not found:
        return f"Nothing logged of {person.name} in that time ({word})."
    return "\n".join(f"@{number:<4} {describe(record)}" for number, record in enumerate(found, start=1))


def findings(items: Iterable[Finding]) -> list[str]:
    """Write findings, the loudest first, each with its source."""
    loudness = list(Level)
    ordered = sorted(items, key=lambda item: loudness.index(item.level), reverse=True)
    return [f"  {SIGNS[item.level]:3} {item.message}  [{CITATIONS[item.citation].label}]" for item in ordered]


def undone(taken: Sequence[JournalEntry]) -> str:
    """Answer `undo`."""
    return "\n".join([*(f"Took back: {item.summary}" for item in taken), "Bring it back with: glucolog redo"])


def redone(back: Sequence[JournalEntry]) -> str:
    """Answer `redo`."""
    return "\n".join([*(f"Brought back: {item.summary}" for item in back), UNDO])


def history(changes: Sequence[JournalEntry]) -> str:
    """List the journal."""
    if not changes:
        return "Nothing was changed yet."
    return "\n".join(
        f"{item.seq:>5}  {format_moment(item.at)}  {item.summary}{'' if item.state is State.DONE else '  (taken back)'}"
        for item in changes
    )


def created_log(target: str, person: Person) -> str:
    """Answer `init`."""
    return (
        f"Created {target} for {person.name}: {person.unit}, {person.zone}, therapy {person.therapy}.\n"
        f"Next: glucolog log {EXAMPLES[person.unit]} --minutes 30 --area feet --ago 10m\n"
        "Or bring in what you have: glucolog import FILE"
    )


def review(found: Review) -> str:
    """Answer `review`."""
    if not (found.sessions or found.lows or found.missing):
        return NO_SESSIONS
    lines = [f"{found.person.name}, {format_moment(found.range.since)} to {format_moment(found.range.until)}"]
    lines.append(f"{_counted(len(found.sessions), 'session')}, {_counted(found.n_lows, 'low')} after.")
    lines += [line for view in found.sessions for line in _brief(view)]
    if found.missing:
        lines.append("Missing:")
        lines += [f"  {format_moment(item.session.start)}: {item.what}" for item in found.missing]
    return "\n".join(lines)


def stored_person(record: Person) -> str:
    """Answer a person added or changed."""
    return f"Stored:\n{person(record)}\n{UNDO}"


def person(record: Person) -> str:
    """Show a person."""
    target = [format_glucose(end) if end else "" for end in (record.target_low, record.target_high)]
    rows: dict[str, Any] = {
        "Name": record.name,
        "Unit": record.unit,
        "Time zone": record.zone,
        "Therapy": record.therapy,
        "Insulins": ", ".join(f"{insulin.name} ({insulin.kind})" for insulin in record.insulins),
        "Sites": ", ".join(f"{site.kind} {site.place}{' (gone)' if site.until else ''}" for site in record.sites),
        "Neuropathies": ", ".join(record.neuropathies),
        "Protective sensation lost": _yes_no(record.protective_sensation_lost),
        "Lows without warning signs": _yes_no(record.impaired_awareness),
        "Last severe low": format_moment(record.severe_low_at) if record.severe_low_at else "",
        "Targets": record.target_set,
        "Own target": " to ".join(target) if any(target) else "",
        "Year of birth": record.birth_year,
        "Plan for a low": record.low_plan,
        "Bedtime": "" if record.bedtime_minute is None else format_minute_of_day(record.bedtime_minute),
        "Questions for the team": "; ".join(record.questions),
        "Counted in cohorts": _yes_no(record.research_consent),
        "Note": record.note,
    }
    return pairs(rows)


def people(found: Sequence[Person]) -> str:
    """List people."""
    return "\n".join(f"{record.name}  {record.unit}  {record.zone}  {record.therapy}" for record in found)


def pairs(rows: Mapping[str, Any]) -> str:
    """Write names and values in two columns."""
    width = max((len(name) for name in rows), default=0)
    return "\n".join(f"{name:<{width}}  {_value(value)}" for name, value in rows.items())


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)


def _session_lines(view: SessionView, stored: Sequence[Entry] = ()) -> list[str]:
    record = view.session
    lines = [f"  Session  {_span(record)}", *details(record)]
    if view.paired.before:
        lines.append(f"  Before   {describe(view.paired.before)}")
    if view.paired.after:
        lines.append(f"  After    {describe(view.paired.after)}")
    lines += [f"  Later    {describe(reading)}" for reading in view.paired.followups]
    lines.append(f"  Change   {change(view)}")
    lines += [f"  {symptom.symptom.capitalize():8} {symptom.score} {symptom.phase or ''}" for symptom in view.symptoms]
    lines += [f"  With     {describe(entry)}" for entry in stored if isinstance(entry, Dose | Carbs)]
    return lines + findings(view.findings)


def change(view: SessionView) -> str:
    """Write the change of a session in words: fell or rose by how much, and whether the meter can tell."""
    item, unit = view.change, view.person.unit
    if item.drop_mg_dl is None:
        return item.unassessed.reason if item.unassessed else "not assessed"
    direction = "fell by" if item.drop_mg_dl >= 0 else "rose by"
    size, error = format_apart(abs(item.drop_mg_dl), item.meter_error_mg_dl or 0, unit)
    amount, by_error = f"{direction} {size} {unit}", f"±{error} {unit}"
    verdict = f"within meter error ({by_error})" if item.within_error else f"more than meter error ({by_error})"
    rate = ""
    if item.rate_mg_dl_per_min is not None and not view.session.length_assumed and item.minutes_between:
        rate = f" in {length(item.minutes_between)}"
    return f"{amount}{rate}, {verdict}"


def _treatment(person: Person, read: Sequence[Reading], now: Moment) -> list[str]:
    """Write what to do while the last reading is low and not yet too old to say how it is now."""
    last = max(read, key=lambda reading: reading.at, default=None)
    if last is None or now.minutes_since(last.at) > STALE_METER_MIN.value:
        return []
    plan = low_plan(person, [last], now)
    return [plan.message, *(f"  {step}" for step in plan.steps)] if plan else []


def _counted(n: int, word: str) -> str:
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def _brief(view: SessionView) -> list[str]:
    record = view.session
    ref = f"@{view.number}" if view.number else record.id[:8]
    return [f"{ref:<5} {_span(record)}  {change(view)}", *(f"   {line}" for line in findings(view.findings))]


def _span(record: Session) -> str:
    if record.end is None:
        return f"{format_moment(record.start)}, running"
    assumed = " (length not said: assumed; correct with `glucolog session edit --minutes`)"
    return f"{format_moment(record.start)}, {length(record.minutes or 0)}{assumed if record.length_assumed else ''}"


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "not said"}[value]
