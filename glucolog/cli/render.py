"""Answers for people: what was stored, with weekday, local time, zone and both units, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glucolog.core.evidence import CITATIONS
from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    Finding,
    FootCheck,
    Level,
    Person,
    Reading,
    Session,
    Symptom,
)
from glucolog.core.units import format_both, format_difference, format_glucose
from glucolog.services.around import SessionView
from glucolog.services.entries import WORDS, Entry
from glucolog.services.sessions import Outcome
from glucolog.storage import JournalEntry, State

if TYPE_CHECKING:
    from glucolog.importers.base import OfferedSession, Problem
    from glucolog.services.database import CheckReport, RestorePlan
    from glucolog.services.importing import ImportOutcome
    from glucolog.services.looking import Review
    from glucolog.storage.backup import Restored
    from glucolog.storage.bulk import ReadingConflict

UNDO = "Take it back with: glucolog undo"
LISTED = 10
"""How many rows of a kind are listed; --json has them all."""
SIGNS = {Level.INFO: "·", Level.CAUTION: "!", Level.WARNING: "!!", Level.URGENT: "!!!"}


def logged(outcome: Outcome, person: Person) -> str:
    """Answer a change to a session."""
    head = "Already stored" if outcome.repeated else "Stored"
    return "\n".join([f"{head} for {person.name}:", *_session_lines(outcome.view), "", UNDO])


def session(view: SessionView) -> str:
    """Show one session."""
    return "\n".join(_session_lines(view))


def sessions(views: Sequence[SessionView]) -> str:
    """List sessions, a line each and their findings."""
    if not views:
        return "No sessions yet. Log one with: glucolog log --before 142 --after 120 --minutes 30"
    return "\n".join(line for view in views for line in _brief(view))


def deleted_session(view: SessionView) -> str:
    """Answer a deletion."""
    return f"Deleted the session of {format_moment(view.session.start)}; its readings stay.\n{UNDO}"


def stored_reading(record: Reading, person: Person) -> str:
    """Answer a stored reading."""
    return f"Stored for {person.name}: {_reading(record)}\n{UNDO}"


def deleted_reading(record: Reading) -> str:
    """Answer a deletion."""
    return f"Deleted {_reading(record)}\n{UNDO}"


def readings(found: Sequence[Reading], person: Person) -> str:
    """List readings."""
    if not found:
        return f"No readings of {person.name} in that time."
    return "\n".join(f"@{number:<4} {_reading(record)}" for number, record in enumerate(found, start=1))


def stored_entry(record: Entry, person: Person) -> str:
    """Answer a stored entry."""
    return f"Stored for {person.name}: {describe(record)}\n{UNDO}"


def deleted_entry(record: Entry, person: Person) -> str:
    """Answer a deletion."""
    return f"Deleted for {person.name}: {describe(record)}\n{UNDO}"


def entries(found: Sequence[Entry], person: Person, word: str) -> str:
    """List entries of one kind."""
    if not found:
        return f"Nothing logged of {person.name} in that time ({word})."
    return "\n".join(f"@{number:<4} {describe(record)}" for number, record in enumerate(found, start=1))


def describe(record: Entry) -> str:
    """Write an entry in one line."""
    if isinstance(record, Reading):
        return _reading(record)
    return f"{_what(record)} · {format_moment(record.at)}"


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
        f"{format_moment(item.at)}  {item.summary}{'' if item.state is State.DONE else '  (taken back)'}"
        for item in changes
    )


def created_log(target: str, person: Person) -> str:
    """Answer `init`."""
    return (
        f"Created {target} for {person.name}: {person.unit}, {person.zone}, therapy {person.therapy}.\n"
        "Next: glucolog log --before 142 --after 120 --minutes 30 --area feet --ago 10m\n"
        "Or bring in what you have: glucolog import FILE"
    )


def review(found: Review) -> str:
    """Answer `review`."""
    lines = [f"{found.person.name}, {format_moment(found.range.since)} to {format_moment(found.range.until)}"]
    lines.append(f"{len(found.sessions)} sessions, {len(found.lows)} lows after them.")
    lines += [line for view in found.sessions for line in _brief(view)]
    if found.missing:
        lines.append("Missing:")
        lines += [f"  {format_moment(item.session.start)}: {item.what}" for item in found.missing]
    return "\n".join(lines)


def imports(done: Sequence[ImportOutcome], whose: Person) -> str:
    """Answer `import`."""
    return "\n".join(line for item in done for line in _imported(item, whose))


def _imported(item: ImportOutcome, whose: Person) -> list[str]:
    verb = "Would bring in" if item.dry_run else "Brought in"
    rows = ", ".join(f"{count:,} {kind}" for kind, count in item.counts.items() if count)
    lines = [
        f"{item.file_name}: {item.format}, {rows or 'no rows'}.",
        f"  {verb} {item.new:,} new for {whose.name}; {item.duplicate:,} were there already, "
        f"{item.conflict:,} contradict a stored reading, {len(item.rejected):,} rows were rejected.",
    ]
    lines += [f"  kept aside: {_conflict(conflict)}" for conflict in item.conflicts[:LISTED]]
    lines += [_problem("rejected", problem) for problem in item.rejected[:LISTED]]
    lines += [_problem("note", problem) for problem in item.remarks[:LISTED]]
    if item.skipped:
        lines.append("  left out: " + ", ".join(f"{count:,} {kind}" for kind, count in item.skipped.items()))
    lines += [f"  a massage? {offer.text} ({_offered_at(offer)})" for offer in item.offered_sessions[:LISTED]]
    return [*lines, f"  {UNDO}"] if item.batch else lines


def _conflict(conflict: ReadingConflict) -> str:
    return (
        f"{format_glucose(conflict.offered)} at {format_moment(conflict.at)}; "
        f"{format_glucose(conflict.in_use)} was stored first and is used"
    )


def _problem(word: str, problem: Problem) -> str:
    where = f"line {problem.line}: " if problem.line is not None else ""
    return f"  {word}: {where}{problem.reason}"


def _offered_at(offer: OfferedSession) -> str:
    return format_moment(Moment(offer.at_s, offer.zone))


def check(found: CheckReport) -> str:
    """Answer `db check`."""
    if found.is_sound:
        return f"{found.path} is sound ({'deep' if found.deep else 'quick'} check)."
    remedy = "Bring back a backup with: glucolog db restore"
    return "\n".join([f"{found.path}:", *(f"  {line}" for line in found.problems), remedy])


def restored(plan: RestorePlan, done: Restored) -> str:
    """Answer `db restore`: what came back, where the old one is, and what the old one held beyond it."""
    lines = [f"Restored {plan.path} from {plan.file}."]
    if done.kept_aside is not None:
        lines.append(f"The log that was there is kept at {done.kept_aside}.")
    if done.newer is None:
        lines.append("It was too damaged to tell what it held beyond the backup.")
    elif done.newer:
        lines.append("Not in the backup, so enter it again:")
        lines += [f"  {format_moment(change.at)}  {change.summary}" for change in done.newer[:LISTED]]
    return "\n".join(lines)


def person(record: Person) -> str:
    """Show a person."""
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
        "Plan for a low": record.low_plan or "",
        "Questions for the team": "; ".join(record.questions),
    }
    return pairs(rows)


def people(found: Sequence[Person]) -> str:
    """List people."""
    return "\n".join(f"{record.name}  {record.unit}  {record.zone}  {record.therapy}" for record in found)


def pairs(rows: Mapping[str, Any]) -> str:
    """Write names and values in two columns."""
    width = max((len(name) for name in rows), default=0)
    return "\n".join(f"{name:<{width}}  {'–' if value in (None, '') else value}" for name, value in rows.items())


def _session_lines(view: SessionView) -> list[str]:
    record = view.session
    lines = [f"  Session  {_span(record)}"]
    if record.areas or record.techniques:
        what = [*(str(area) for area in record.areas), *record.techniques]
        lines.append(f"  What     {', '.join(what)}{_pressure(record)}")
    if view.paired.before:
        lines.append(f"  Before   {_reading(view.paired.before)}")
    if view.paired.after:
        lines.append(f"  After    {_reading(view.paired.after)}")
    lines += [f"  Later    {_reading(reading)}" for reading in view.paired.followups]
    lines.append(f"  Change   {change(view)}")
    lines += [f"  {symptom.symptom.capitalize():8} {symptom.score} {symptom.phase or ''}" for symptom in view.symptoms]
    return lines + findings(view.findings)


def change(view: SessionView) -> str:
    """Write the change of a session in words: fell or rose by how much, and whether the meter can tell."""
    item, unit = view.change, view.person.unit
    if item.drop_mg_dl is None:
        return item.unassessed.reason if item.unassessed else "not assessed"
    direction = "fell by" if item.drop_mg_dl >= 0 else "rose by"
    amount = f"{direction} {format_difference(abs(item.drop_mg_dl), unit)} {unit}"
    error = f"±{format_difference(item.meter_error_mg_dl or 0, unit)} {unit}"
    verdict = f"within meter error ({error})" if item.within_error else f"more than meter error ({error})"
    rate = ""
    if item.rate_mg_dl_per_min is not None and not view.session.length_assumed and item.minutes_between:
        rate = f" in {item.minutes_between:g} min"
    return f"{amount}{rate}, {verdict}"


def _brief(view: SessionView) -> list[str]:
    record = view.session
    ref = f"@{view.number}" if view.number else record.id[:8]
    return [f"{ref:<5} {_span(record)}  {change(view)}", *(f"   {line}" for line in findings(view.findings))]


def _span(record: Session) -> str:
    if record.end is None:
        return f"{format_moment(record.start)}, running"
    assumed = " (length not said: assumed; correct with `glucolog session edit --minutes`)"
    return f"{format_moment(record.start)}, {record.minutes:g} min{assumed if record.length_assumed else ''}"


def _pressure(record: Session) -> str:
    return f", pressure {record.pressure}" if record.pressure else ""


def _reading(record: Reading) -> str:
    return f"{format_both(record.glucose)} · {record.source} · {format_moment(record.at)}"


def _what(record: Entry) -> str:
    if isinstance(record, Dose):
        site = f", {record.site}" if record.site else ", site not said"
        return f"{record.units:g} U {record.name or record.kind}{site}"
    if isinstance(record, Carbs):
        return f"{record.grams:g} g carbs{' to treat a low' if record.treatment else ''}"
    if isinstance(record, Symptom):
        return f"{record.symptom} {record.score}/10{f', {record.place}' if record.place else ''}{_open(record)}"
    if isinstance(record, FootCheck):
        seen = ", ".join(f"{item.side} {item.region} {item.finding}" for item in record.findings)
        return f"{WORDS[FootCheck]} ({', '.join(record.sides)}): {seen or 'nothing seen'}{_open(record)}"
    if isinstance(record, Activity):
        return f"{record.kind}{f' {record.minutes:g} min' if record.minutes else ''}"
    return getattr(record, "text", "")


def _open(record: Symptom | FootCheck) -> str:
    if record.told_team_on:
        return f", told the team on {record.told_team_on}"
    pending = record.new_or_worse if isinstance(record, Symptom) else bool(record.findings)
    return ", not yet told the team" if pending else ""


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "not said"}[value]
