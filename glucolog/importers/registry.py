"""Which formats there are, which one a file is in, and reading it. Format modules are imported where used."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import NamedTuple, cast

from glucolog.core.vocabulary import unknown_word
from glucolog.errors import AmbiguousError, RefusedError
from glucolog.importers.archive import open_archive
from glucolog.importers.base import Confidence, Imported, Importer, Options
from glucolog.importers.source import Head, SourceFile, source_file


class Format(NamedTuple):
    """A row of the table: the module under glucolog.importers and the name for people."""

    module: str
    label: str


FORMATS: dict[str, Format] = {
    "dexcom-clarity": Format("dexcom_clarity", "Dexcom Clarity"),
    "libreview": Format("libreview", "LibreView"),
    "medtronic-carelink": Format("medtronic_carelink", "Medtronic CareLink"),
    "nightscout": Format("nightscout", "Nightscout"),
    "mysugr": Format("mysugr", "mySugr"),
    "contour": Format("contour", "Contour"),
    "tidepool": Format("tidepool", "Tidepool"),
    "xdrip": Format("xdrip", "xDrip+"),
    "glooko": Format("glooko", "Glooko"),
    "accu-chek": Format("accu_chek", "Accu-Chek"),
    "onetouch": Format("onetouch", "OneTouch Reveal"),
    "juggluco": Format("juggluco", "Juggluco"),
    "glucometerutils": Format("glucometerutils", "glucometerutils dump"),
    "diaguard": Format("diaguard", "Diaguard"),
    "apple-health": Format("apple_health", "Apple Health"),
    "diasend": Format("diasend", "diasend"),
    "eversense": Format("eversense", "Eversense"),
    "tandem": Format("tandem", "Tandem t:connect"),
    "generic": Format("generic", "a CSV with named columns"),
    "glucolog": Format("own", "glucolog's own export"),
}
"""Every format by the name that --format takes."""

_PACKED = frozenset({".csv", ".tsv", ".txt", ".json", ".xlsx", ".sqlite", ".db"})
"""What is taken out of a zip that holds nothing else; XML isn't, it may be a gigabyte and is streamed where it is."""


def importer(name: str) -> Importer:
    """Return the importer of a format; `UsageError` for a name that is none."""
    known = FORMATS.get(name.strip().lower())
    if known is None:
        raise unknown_word("format", name, FORMATS)
    return cast(Importer, import_module(f"glucolog.importers.{known.module}"))


def sniff(data: bytes, file_name: str) -> str:
    """Return the name of the format that a file's content is in.

    Raises `RefusedError` when none knows it, `AmbiguousError` when several are equally sure (`choices` names them).
    """
    return sniff_source(SourceFile(file_name, None, data))


def sniff_source(source: SourceFile) -> str:
    """Return the name of the format that a file is in, also inside a zip of its own; errors as `sniff`."""
    return sniff_head(_unwrapped(source).head())


def sniff_head(head: Head) -> str:
    """Return the name of the format that a file is in, from its beginning; errors as `sniff`."""
    votes = {name: importer(name).sniff(head) for name in FORMATS}
    best = max(votes.values(), default=Confidence.NO)
    names = [name for name, vote in votes.items() if vote is best]
    if best is Confidence.NO:
        _refuse_unreadable_workbook(head)
        raise RefusedError(
            f"{head.name} is in no format that glucolog knows.",
            "See `glucolog help import` for the formats; a CSV of any shape can be read with --format generic.",
        )
    if len(names) > 1:
        labels = " or ".join(FORMATS[name].label for name in names)
        choices = tuple(f"--format {name}" for name in names)
        raise AmbiguousError(f"{head.name} could be {labels}.", f"Say which: {', '.join(choices)}.", choices)
    return names[0]


def _refuse_unreadable_workbook(head: Head) -> None:
    """Raise why a workbook can't be read, if it can't: nobody knows its format only because of that."""
    from glucolog.importers.sheets import is_workbook, read_sheets

    if is_workbook(head) and not head.sheets:
        read_sheets(head.source)


def read(data: bytes, file_name: str, options: Options) -> Imported:
    """Read a file's content. Raises a `GlucologError` with nothing half done; see `Imported` for what comes back."""
    return read_source(SourceFile(file_name, None, data), options)


def read_file(path: Path, options: Options) -> Imported:
    """Read a file. Also raises for one that is missing, a folder, without permission, empty or too big."""
    return read_source(source_file(path), options)


def read_source(source: SourceFile, options: Options) -> Imported:
    """Read a file from wherever it is: sniff unless `options.format` says, read, refuse what holds nothing."""
    source = _unwrapped(source)
    head = source.head()
    name = options.format or sniff_head(head)
    with _collection_paused():
        imported = importer(name).read(source, options)
    if _holds_nothing(imported):
        raise _nothing_in(source.name, imported)
    return imported


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Rows make no cycles; looking for some among a hundred thousand lists would take a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _nothing_in(name: str, imported: Imported) -> RefusedError:
    kinds = ", ".join(f"{count} {kind}" for kind, count in imported.skipped.items())
    only = f", only {kinds}" if kinds else ""
    return RefusedError(
        f"{name} ({FORMATS[imported.format].label}) holds no reading, dose, carbs, activity or note{only}.",
        "Export a range with data in it.",
    )


def _holds_nothing(imported: Imported) -> bool:
    return not (imported.problems or imported.records or any(imported.counts.values()))


def _unwrapped(source: SourceFile) -> SourceFile:
    """A zip around one single file is that file."""
    head = source.head()
    if head.kind != "zip":
        return source
    with open_archive(source) as archive:
        packed = [name for name in archive.names if PurePosixPath(name).suffix.lower() in _PACKED]
        only = packed[0] if len(archive.names) == len(packed) == 1 else None
        return archive.source(only) if only is not None else source
