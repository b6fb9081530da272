"""A cohort on disk: a folder of shards, each with some people in the order of their labels, and a list of the shards.

A shard is a folder of Parquet files. `readings.parquet` has one row group a person and source, so that one person at a
time is in memory; `people`, `sessions`, `doses`, `carbs` and `activities` are small. A shard is written beside its
place and moved there whole; the list comes last, so that a folder with a list is complete.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from glucolog.analysis.cohort import CohortPerson
from glucolog.core.columns import Trace
from glucolog.core.records import Activity, Carbs, Dose, Session, TargetSet
from glucolog.core.units import Source
from glucolog.errors import MissingExtraError
from glucolog.services.cohort import columns
from glucolog.services.cohort.problems import (
    BadCohortError,
    ChangedShardError,
    FolderTakenError,
    NoCohortError,
)
from glucolog.services.files import write_private

LIST = "cohort.json"
FORMAT = 2
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
PEOPLE_A_SHARD = 25
"""About a second of work: enough that the shards' own cost is lost in it, and little enough to lose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPerson:
    """One person on the way into a shard; `shift_s` is added to every instant. Labels sort the cohort."""

    label: str
    zone: str
    target_set: TargetSet
    child: bool
    shift_s: int
    traces: tuple[Trace, ...]
    sessions: tuple[Session, ...] = ()
    doses: tuple[Dose, ...] = ()
    carbs: tuple[Carbs, ...] = ()
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One entry of the list: its folder, how many people and readings it has, and a digest of its bytes."""

    name: str
    people: int
    readings: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A shard to work on: its folder, and the digest that its bytes had when it was written."""

    folder: Path
    sha256: str

    @property
    def name(self) -> str:
        """The shard's name in the list."""
        return self.folder.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The list of a cohort's shards."""

    folder: Path
    dates_shifted: bool
    shards: tuple[Shard, ...]

    @property
    def people(self) -> int:
        """How many people all shards hold."""
        return sum(shard.people for shard in self.shards)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The shards where they lie."""
        return tuple(Piece(self.folder.absolute() / shard.name, shard.sha256) for shard in self.shards)


def write_cohort(
    folder: Path, people: Iterable[SharedPerson], *, dates_shifted: bool, people_a_shard: int = PEOPLE_A_SHARD
) -> Cohort:
    """Write people, who come in the order of their labels, as shards. Raises `FolderTakenError` for a full folder."""
    need_pyarrow()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(folder)
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    shards = [
        _write_shard(folder, f"shard-{number:05}", some) for number, some in enumerate(_some(people, people_a_shard))
    ]
    cohort = Cohort(folder=folder, dates_shifted=dates_shifted, shards=tuple(shards))
    document = {"format": FORMAT, "dates_shifted": dates_shifted, "shards": [asdict(shard) for shard in shards]}
    write_private(folder / LIST, json.dumps(document, indent=1).encode())
    return cohort


def read_cohort(folder: Path) -> Cohort:
    """Read the list of a cohort. Raises `NoCohortError`, or `BadCohortError` for one this glucolog can't read."""
    try:
        found = json.loads((folder / LIST).read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise BadCohortError(folder, f"its format is {found['format']}, this glucolog knows {FORMAT}")
        shards = tuple(Shard(**shard) for shard in found["shards"])
        return Cohort(folder=folder, dates_shifted=bool(found["dates_shifted"]), shards=shards)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoCohortError(folder) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadCohortError(folder, f"{LIST} is not its list") from error


def refuse_changed(piece: Piece) -> None:
    """Raise `ChangedShardError` for a shard whose bytes are not those that were written: Parquet would not notice."""
    if _digest(piece.folder) != piece.sha256:
        raise ChangedShardError


def read_people(shard: Path) -> Iterator[CohortPerson]:
    """Yield the people of a shard one at a time; those who did not agree to be counted are passed over."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    records = {kind: columns.by_person(_rows(shard, kind)) for kind in ("sessions", "doses", "carbs", "activities")}
    people = _rows(shard, "people")
    # Read ahead and memory maps would hold more than the one person at hand.
    with pq.ParquetFile(shard / "readings.parquet", memory_map=False, pre_buffer=False) as readings:
        for row in people:
            if row["research_consent"]:
                yield _person(row, readings, {kind: found.get(row["person"], []) for kind, found in records.items()})


def need_pyarrow() -> None:
    """Raise `MissingExtraError` where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("A cohort", "clinic") from error


def _person(row: columns.Plain, readings: Any, records: dict[str, list[columns.Plain]]) -> CohortPerson:
    zone = row["zone"]
    return CohortPerson(
        label=row["person"],
        zone=zone,
        target_set=TargetSet(row["target_set"]),
        child=row["child"],
        cgm=_glucose(row, readings, Source.CGM),
        meter=_glucose(row, readings, Source.METER),
        sessions=tuple(columns.session_of(item, zone, at) for at, item in enumerate(records["sessions"])),
        doses=tuple(columns.dose_of(item, zone, at) for at, item in enumerate(records["doses"])),
        carbs=tuple(columns.carbs_of(item, zone, at) for at, item in enumerate(records["carbs"])),
        activities=tuple(columns.activity_of(item, zone, at) for at, item in enumerate(records["activities"])),
    )


def _glucose(row: columns.Plain, readings: Any, source: Source) -> Any:
    group = row[f"{source.value}_group"]
    if group is None:
        return None
    table = readings.read_row_group(group, columns=list(columns.TRACE_TYPES), use_threads=False)
    return columns.glucose_of(table, source, row[f"{source.value}_zone"])


def _rows(shard: Path, kind: str) -> list[columns.Plain]:
    import pyarrow.parquet as pq

    found: list[columns.Plain] = pq.read_table(shard / f"{kind}.parquet", use_threads=False).to_pylist()
    return found


def _write_shard(folder: Path, name: str, people: Sequence[SharedPerson]) -> Shard:
    part = folder / f".{name}.part"
    part.mkdir(mode=PRIVATE_FOLDER)
    _write_readings(part, people)
    tables: dict[str, list[columns.Plain]] = {
        "people": _people_rows(people),
        "sessions": [columns.session_row(one.label, item, one.shift_s) for one in people for item in one.sessions],
        "doses": [columns.dose_row(one.label, item, one.shift_s) for one in people for item in one.doses],
        "carbs": [columns.carbs_row(one.label, item, one.shift_s) for one in people for item in one.carbs],
        "activities": [columns.activity_row(one.label, item, one.shift_s) for one in people for item in one.activities],
    }
    for kind, rows in tables.items():
        _write_table(part / f"{kind}.parquet", columns.table_of(rows, kind))
    digest = _digest(part)
    part.rename(folder / name)
    readings = sum(len(trace) for one in people for trace in one.traces)
    return Shard(name=name, people=len(people), readings=readings, sha256=digest)


def _write_readings(part: Path, people: Sequence[SharedPerson]) -> None:
    import pyarrow.parquet as pq

    file = part / "readings.parquet"
    empty = columns.trace_table("", _no_trace(), 0)
    encoding = {"at_s": "DELTA_BINARY_PACKED"}
    words = ["person", "source", "amount", "is_mmol_l", "censored"]
    with pq.ParquetWriter(
        file, empty.schema, compression="zstd", use_dictionary=words, column_encoding=encoding
    ) as writer:
        for one in people:
            for trace in one.traces:
                table = columns.trace_table(one.label, trace, one.shift_s)
                writer.write_table(table, row_group_size=len(trace))
    file.chmod(PRIVATE_FILE)


def _people_rows(people: Sequence[SharedPerson]) -> list[columns.Plain]:
    rows, group = [], 0
    for one in people:
        row: columns.Plain = {
            "person": one.label, "zone": one.zone, "target_set": one.target_set.value, "child": one.child,
            "research_consent": True,
        }  # fmt: skip
        for trace in one.traces:
            row |= {f"{trace.source.value}_group": group, f"{trace.source.value}_zone": trace.zone}
            group += 1
        rows.append(row)
    return rows


def _write_table(file: Path, table: Any) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, file, compression="zstd")
    file.chmod(PRIVATE_FILE)


def _digest(part: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(part.iterdir()):
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _no_trace() -> Trace:
    from array import array

    return Trace(
        source=Source.CGM, zone="UTC", at_s=array("q"), amount=array("d"), is_mmol_l=array("b"), censored=array("b")
    )


def _some(people: Iterable[SharedPerson], n: int) -> Iterator[list[SharedPerson]]:
    rest = iter(people)
    while some := list(islice(rest, n)):
        yield some
