"""Collects what a format module finds while it walks through a file, and freezes it as `Imported`.

What a cell holds is judged here, once for all formats: amounts that are no slip, zeros that say nothing, notes that
speak of a massage. Nothing that is handed over gets lost: it is a row, a problem, or counted as skipped.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import not_
from typing import TypeVar, cast

from glucolog.core.columns import ReadingBlock
from glucolog.core.records import InsulinKind, Record
from glucolog.core.units import Censored, Source, Unit
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
from glucolog.importers.cells import Amount, glucose, number, shown

R = TypeVar("R")

MAX_UNITS = 500.0
"""Insulin units in one dose; more is a slip of the file."""
MAX_GRAMS = 2_000.0
"""Grams of carbs in one entry; more is a slip of the file."""
CUT_OFF = "The file breaks off in this row; export it again for what follows."
MAX_KINDS, OTHER_KINDS = 200, "other kinds"
"""So many kinds of skipped rows are counted by name; a file that names more isn't meant to be read by a person."""

_MASSAGE = re.compile(
    r"massag|massasj|masaj|mas[aá][zżž]|massz[aá]zs|masseu[rs]|masseer|hieron|reflexolog|reflexzonen|shiatsu|effleurage"
    r"|petrissage|tapotement|массаж|масаж|μασάζ|マッサージ|按摩|推拿|تدليك|עיסוי",
    re.IGNORECASE,
)
_MINUTES = re.compile(r"\b([0-9]{1,3})\s*min", re.IGNORECASE)
_SIDE_SIGN = {None: 0, Censored.LOW: -1, Censored.HIGH: 1}


def speaks_of_massage(text: str) -> bool:
    """Whether a note or an event's name mentions a massage, in the languages that exports are written in."""
    return _MASSAGE.search(text) is not None


class Columns:
    """Growing columns of one source, unit and device."""

    __slots__ = ("amount", "at_s", "censored")

    def __init__(self) -> None:
        self.at_s = array("q")
        self.amount = array("d")
        self.censored = array("b")

    def add(self, at_s: int, amount: Amount) -> None:
        """Append one reading."""
        self.at_s.append(at_s)
        self.amount.append(amount.value)
        self.censored.append(_SIDE_SIGN[amount.censored])


class Gatherer:
    """Collects the rows of one file while a format module walks through it."""

    def __init__(self, format_name: str, options: Options) -> None:
        self.format = format_name
        self.zone = options.zone
        self.options = options
        self.doses: list[ImportedDose] = []
        self.carbs: list[ImportedCarbs] = []
        self.activities: list[ImportedActivity] = []
        self.notes: list[ImportedNote] = []
        self.offered: list[OfferedSession] = []
        self.problems: list[Problem] = []
        self.remarks: list[Problem] = []
        self.named: list[str] = []
        self.skipped: Counter[str] = Counter()
        self._columns: dict[tuple[Source, Unit, str | None], Columns] = {}

    def columns(self, source: Source, unit: Unit, device: str | None = None) -> Columns:
        """Return the columns for readings of this source, unit and device."""
        return self._columns.setdefault((source, unit, device or None), Columns())

    def problem(self, line: int | None, reason: str) -> None:
        """Reject a row."""
        self.problems.append(Problem(line, reason))

    def remark(self, line: int | None, reason: str) -> None:
        """Keep a row, but say what is doubtful about it."""
        self.remarks.append(Problem(line, reason))

    def cut_off(self, line: int | None) -> None:
        """Reject the row that the file breaks off in, if it does."""
        if line is not None:
            self.problem(line, CUT_OFF)

    def with_a_place(
        self, lines: Sequence[int], rows: Sequence[R], at: Sequence[int | str]
    ) -> Iterator[tuple[int, R, int]]:
        """Give each row that has a place in time with its line and epoch seconds; the others become problems."""
        for line, row, at_s in zip(lines, rows, at, strict=True):
            if isinstance(at_s, str):
                self.problem(line, at_s)
            else:
                yield line, row, at_s

    def reading(
        self, line: int, at_s: int, amount: Amount | str, source: Source, unit: Unit, device: str | None = None
    ) -> None:
        """Add a reading, or the problem that stands in its place (`amount` as `cells.glucose` gave it)."""
        if isinstance(amount, str):
            self.problem(line, amount)
        else:
            self.columns(source, unit, device).add(at_s, amount)

    def readings(
        self,
        lines: Iterable[int],
        at: Sequence[int | str],
        texts: Sequence[str],
        source: Source,
        unit: Unit,
        device: str | None = None,
    ) -> None:
        """Add many readings as columns: places in time (or reasons) and glucose cells; the rejected become problems."""
        parsed = {text: glucose(text, unit, source) for text in set(texts)}
        good = {text: amount for text, amount in parsed.items() if not isinstance(amount, str)}
        kept = [type(at_s) is int and text in good for at_s, text in zip(at, texts, strict=True)]
        if not all(kept):
            self._reject(compress(zip(lines, at, texts, strict=True), map(not_, kept)), parsed)
            at, texts = list(compress(at, kept)), list(compress(texts, kept))
        values = {text: amount.value for text, amount in good.items()}
        signs = {text: _SIDE_SIGN[amount.censored] for text, amount in good.items()}
        columns = self.columns(source, unit, device)
        columns.at_s.extend(cast(Sequence[int], at))
        columns.amount.extend(map(values.__getitem__, texts))
        columns.censored.extend(map(signs.__getitem__, texts))

    def _reject(self, rows: Iterable[tuple[int, int | str, str]], parsed: Mapping[str, Amount | str]) -> None:
        for line, at_s, text in rows:
            self.problem(line, at_s if isinstance(at_s, str) else str(parsed[text]))

    def dose(self, at_s: int, units: float, kind: InsulinKind, **more: object) -> None:
        """Add an insulin dose; `more` are fields of `ImportedDose`."""
        self.doses.append(ImportedDose(at_s, self.zone, units, kind, **more))  # type: ignore[arg-type]

    def dose_cell(self, line: int, at_s: int, text: str, kind: InsulinKind, **more: object) -> None:
        """Add the dose in a cell of units; a zero is counted, what is no number is a problem."""
        units = number(text)
        if units is None or units < 0:
            self.problem(line, f"“{shown(text)}” is not an amount of insulin.")
        elif units > MAX_UNITS:
            self.problem(line, f"{units:g} units is more than any single dose.")
        elif units == 0:
            self.skip("doses of zero")
        else:
            self.dose(at_s, units, kind, **more)

    def carbs_cell(self, line: int, at_s: int, text: str, grams_each: float = 1, note: str | None = None) -> None:
        """Add the carbs in a cell; a zero is counted, what is no number is a problem."""
        amount = number(text)
        if amount is None or amount < 0:
            self.problem(line, f"“{shown(text)}” is not an amount of carbs.")
        elif amount * grams_each > MAX_GRAMS:
            self.problem(line, f"{amount * grams_each:g} g of carbs is more than any meal.")
        elif amount == 0:
            self.skip("carbs of zero")
        else:
            self.carbs.append(ImportedCarbs(at_s, self.zone, amount * grams_each, note=note))

    def activity(self, at_s: int, kind: str, minutes: float | None, intensity: str | None, note: str = "") -> None:
        """Add exercise; a massage among it is offered as a session instead, with its length."""
        if speaks_of_massage(kind) or speaks_of_massage(note):
            self.offer(at_s, note if speaks_of_massage(note) else kind, minutes)
        else:
            self.activities.append(ImportedActivity(at_s, self.zone, kind, minutes, intensity, note or None))

    def note(self, at_s: int, text: str, minutes: float | None = None) -> None:
        """Add a note; one that speaks of a massage is offered as a session as well."""
        if text := text.strip():
            self.notes.append(ImportedNote(at_s, self.zone, text))
            self.offer(at_s, text, minutes)

    def offer(self, at_s: int, text: str, minutes: float | None = None) -> None:
        """Offer a session where the text speaks of a massage; its length may stand in the text (`20 min`)."""
        if speaks_of_massage(text):
            said = _MINUTES.search(text)
            self.offered.append(OfferedSession(at_s, self.zone, minutes or (float(said[1]) if said else None), text))

    def skip(self, kind: str, rows: int = 1) -> None:
        """Count rows of a kind that the format's docstring says is left out."""
        if rows:
            self.skipped[kind if kind in self.skipped or len(self.skipped) < MAX_KINDS else OTHER_KINDS] += rows

    def imported(self, records: tuple[Record, ...] = ()) -> Imported:
        """Freeze what was gathered, with whole `records` beside it; problems in the order of the file."""
        return Imported(
            format=self.format,
            blocks=tuple(self._block(key, columns) for key, columns in self._columns.items() if columns.at_s),
            doses=tuple(self.doses),
            carbs=tuple(self.carbs),
            activities=tuple(self.activities),
            notes=tuple(self.notes),
            offered_sessions=tuple(self.offered),
            records=records,
            named=tuple(self.named),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line or 0)),
            remarks=tuple(sorted(self.remarks, key=lambda problem: problem.line or 0)),
            skipped=dict(self.skipped),
        )

    def _block(self, key: tuple[Source, Unit, str | None], columns: Columns) -> ReadingBlock:
        source, unit, device = key
        return ReadingBlock(
            source=source,
            unit=unit,
            zone=self.zone,
            device=device,
            at_s=columns.at_s,
            amount=columns.amount,
            censored=columns.censored,
        )
