"""What every importer takes and gives: options in, rows and problems out.

Rows are light tuples in epoch seconds and zone; ids and the person are given by the service that stores them. Bulk
readings travel as `ReadingBlock` columns. Nothing is dropped in silence: a row is a record, a `Problem` (rejected,
with line and reason), or of a kind that the format's docstring says is skipped, and then counted in `skipped`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from glucolog.core.columns import ReadingBlock
from glucolog.core.records import InsulinKind, Record
from glucolog.core.units import Source, Unit
from glucolog.core.vocabulary import BodyArea

if TYPE_CHECKING:
    from glucolog.importers.source import Head, SourceFile


Watch = Callable[[int, int], None] | None
"""Told what is done and the total."""


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
