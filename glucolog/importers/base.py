"""What every importer takes and gives: options in, rows and problems out, and the gatherer that fills them.

Rows are light tuples in epoch seconds and zone; ids and the person are given by the service that stores them. Bulk
readings travel as `ReadingBlock` columns. Nothing is dropped in silence: a row is a record, a `Problem` (rejected,
with line and reason), or of a kind that the format's docstring says is skipped, and then counted in `skipped`.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast

from glucolog.core.columns import ReadingBlock
from glucolog.core.records import InsulinKind, Record
from glucolog.core.units import Censored, Source, Unit
from glucolog.core.vocabulary import BodyArea
from glucolog.importers.cells import Amount, glucose, number, shown

if TYPE_CHECKING:
    from glucolog.importers.source import Head, SourceFile


R = TypeVar("R")
Watch = Callable[[int, int], None] | None
"""Told what is done and the total."""

MAX_UNITS = 500.0
"""Insulin units in one dose; more is a slip of the file."""
MAX_GRAMS = 2_000.0
"""Grams of carbs in one entry; more is a slip of the file."""
PARTS = 4
"""So many doses of one entry of a source are told apart by its name; others come with one at most."""
CUT_OFF = "The file breaks off in this row; export it again for what follows."
MAX_KINDS, OTHER_KINDS = 200, "other kinds"
"""So many kinds of skipped rows are counted by name; a file that names more isn't meant to be read by a person."""


class Problem(NamedTuple):
    """Why a row was rejected (in `problems`) or is doubtful though kept (in `remarks`).

    `line` counts the lines of the file (or the items of its list) from 1; None speaks of the whole file.
    """

    line: int | None
    reason: str


class ImportedDose(NamedTuple):
    """An insulin dose as a file gives it; fields as in `records.Dose`.

    `remote`, here and below, is the name that the source itself knows the event by, with the number of the part.
    """

    at_s: int
    zone: str
    units: float
    kind: InsulinKind
    name: str | None = None
    by_pump: bool = False
    duration_min: float | None = None
    note: str | None = None
    site: BodyArea | None = None
    remote: str | None = None


class ImportedCarbs(NamedTuple):
    """Carbohydrate, `grams`, as a file gives it."""

    at_s: int
    zone: str
    grams: float
    treatment: bool = False
    note: str | None = None
    remote: str | None = None


class ImportedActivity(NamedTuple):
    """Exercise as a file gives it; `kind` in the file's words, `intensity` a word of `vocabulary.INTENSITIES`."""

    at_s: int
    zone: str
    kind: str
    minutes: float | None = None
    intensity: str | None = None
    note: str | None = None
    remote: str | None = None


class ImportedNote(NamedTuple):
    """Free text with a time."""

    at_s: int
    zone: str
    text: str
    remote: str | None = None


class OfferedSession(NamedTuple):
    """A massage that a note or an event speaks of: offered to be confirmed, never stored by itself."""

    at_s: int
    zone: str
    minutes: float | None
    text: str


class Fold(IntEnum):
    """Which showing of a clock time that came twice is meant where the order of the rows doesn't tell."""

    FIRST = 0
    SECOND = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the file doesn't say.

    `zone` places local stamps; `now_s` (epoch seconds) bounds them: a stamp more than a day later is a problem.
    `unit` is taken only where the file names none; `day_first` settles dates that read both ways; `mapping` names the
    columns of a generic CSV (the file's header → ours). `watch` is told how many kB of how many have been read, by
    importers that read a file as a stream.
    """

    zone: str
    now_s: int
    unit: Unit | None = None
    format: str | None = None
    day_first: bool | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    fold: Fold = Fold.FIRST
    watch: Watch = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one file holds.

    `records` are whole records with their own ids: only glucolog's own export has them. `named` are the names, without
    the part's number, of all that the source spoke of, also of what holds nothing any more. `skipped` counts what the
    format's docstring says is left out, by kind.
    """

    format: str
    blocks: tuple[ReadingBlock, ...] = ()
    doses: tuple[ImportedDose, ...] = ()
    carbs: tuple[ImportedCarbs, ...] = ()
    activities: tuple[ImportedActivity, ...] = ()
    notes: tuple[ImportedNote, ...] = ()
    offered_sessions: tuple[OfferedSession, ...] = ()
    records: tuple[Record, ...] = ()
    named: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by kind, under the contract's names; `records` are not in here."""
        return {
            "cgm": sum(len(block) for block in self.blocks if block.source is Source.CGM),
            "meter": sum(len(block) for block in self.blocks if block.source is Source.METER),
            "insulin": len(self.doses),
            "carbs": len(self.carbs),
            "activity": len(self.activities),
            "note": len(self.notes),
        }


class Confidence(IntEnum):
    """How sure an importer is that a file is its own."""

    NO = 0
    MAYBE = 1
    LIKELY = 2
    SURE = 3


class Importer(Protocol):
    """A format module: `NAME` for --format, `LABEL` for people, and two functions."""

    NAME: str
    LABEL: str

    @property
    def sniff(self) -> Callable[[Head], Confidence]:
        """Say how sure; look only at the head (and an archive's member names); never raise."""

    @property
    def read(self) -> Callable[[SourceFile, Options], Imported]:
        """Read the whole file, or raise a `GlucologError` in which nothing is half done."""


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
