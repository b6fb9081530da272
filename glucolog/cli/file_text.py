"""Answers about files: what an import brought, what became of the log's own file and its copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from glucolog.cli.render import UNDO
from glucolog.core.exchange import LISTS
from glucolog.core.moments import Moment, format_moment
from glucolog.core.records import Person
from glucolog.core.units import format_glucose

if TYPE_CHECKING:
    from glucolog.importers.base import OfferedSession, Problem
    from glucolog.services.database import CheckReport, RestorePlan
    from glucolog.services.encryption import Converted
    from glucolog.services.forgetting import Forgotten
    from glucolog.services.importing import ImportOutcome
    from glucolog.storage.backup import Restored
    from glucolog.storage.bulk import ReadingConflict
    from glucolog.storage.salvage import Salvaged

RECOVERY = (
    "Write these 24 words on paper, now: they are not shown again. They open the log where the keyring is gone or the "
    "passphrase forgotten; without them and the key nobody can, and neither can we."
)
COPIES_ELSEWHERE = "Copies, exports and reports elsewhere are as they were, and yours to delete."
LISTED = 10
"""How many rows of a kind are listed; --json has them all."""


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
    if item.changed or item.removed:
        lines.append(
            f"  Since it was brought in, {item.changed:,} changed at the source and {item.removed:,} gone there."
        )
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
    return "\n".join([f"{found.path}:", *(f"  {line}" for line in found.problems), *_remedies(found)])


def _remedies(found: CheckReport) -> Iterator[str]:
    if found.damage:
        yield "Bring back a backup with: glucolog db restore"
    elif found.is_older:
        yield "Bring it up to date with: glucolog db upgrade"
    elif found.is_newer:
        yield "Update glucolog: pip install --upgrade glucolog"
    if not found.private:
        yield f"Close it to others with: chmod 600 '{found.path}'"


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


def forgotten(done: Forgotten) -> str:
    """Answer `person forget`: which files were searched, and where something is left."""
    lines = [f"{done.name} is forgotten. Looked for {done.traces:,} traces in the bytes of the log and its backups."]
    lines += [f"None is in {file}." for file in done.searched]
    lines += [f"Still in {file}: take them out of it with --backups, or delete it." for file in done.still_in]
    return "\n".join([*lines, "Reports, exports and copies elsewhere are yours to delete."])


def salvaged(done: Salvaged) -> str:
    """Answer `db salvage`: what was saved, what was lost."""
    counts = (_counted(done.saved[kind], kind, several) for several, kind in LISTS.items() if kind in done.saved)
    lines = [f"Saved into {done.target}: {', '.join(counts) or 'nothing'}."]
    if done.from_journal:
        lines.append(f"{done.from_journal:,} records came from the journal; their own place could not be read.")
    lines += [f"Lost: {line}" for line in done.lost] or ["Nothing was lost."]
    return "\n".join(lines)


def _counted(count: int, kind: str, several: str) -> str:
    return f"{count:,} {(kind if count == 1 else several).replace('_', ' ')}"


def converted(done: Converted) -> str:
    """Answer `db encrypt`, `rekey` and `decrypt`; the recovery words stand here and nowhere else."""
    lines = [f"{done.path} is {'encrypted' if done.encrypted else 'plain'} now, and so are its copies beside it."]
    lines += [f"Left as it was, damaged or under a lost key: {file}" for file in done.left]
    if done.encrypted:
        lines.append(COPIES_ELSEWHERE)
    if done.recovery_words:
        words = done.recovery_words.split()
        lines += [f"Its key is in {'the keyring' if done.key_in == 'keyring' else done.key_in}.", "", RECOVERY]
        lines += ["  " + "  ".join(f"{n + 1:2} {words[n]:<9}" for n in range(row, row + 4)) for row in range(0, 24, 4)]
    return "\n".join(lines)
