"""The XML of Apple Health as a stream of what stands under its root, from the archive or the file in it.

It may be a gigabyte of which glucose is a sliver. Its DTD isn't needed and is skipped: iOS 16 wrote a broken one, and
control characters into texts (jameno/Simple-Apple-Health-XML-to-CSV pull request 3, fedecalendino/apple-health issue
1), which become blanks. A DTD that declares entities is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from glucolog.errors import RefusedError
from glucolog.importers.archive import open_archive
from glucolog.importers.base import Watch
from glucolog.importers.documents import xml_events
from glucolog.importers.source import SourceFile

_ROOT = b"<HealthData"
_PROLOGUE = 2**17
"""The root begins within so many bytes; the DTDs known are a tenth of that."""
_BLANKED = bytes.maketrans(bytes({*range(32)} - {9, 10, 13}), b" " * 29)


@dataclass(slots=True)
class Element:
    """A finished element under the root, the `number`-th, with its metadata and the number of records inside it."""

    number: int
    tag: str
    attributes: dict[str, str]
    metadata: dict[str, str] = field(default_factory=dict)
    n_records: int = 0

    def get(self, name: str) -> str:
        """Return an attribute without blanks around it, empty where there is none."""
        return self.attributes.get(name, "").strip()


def elements(stream: BinaryIO, name: str) -> Iterator[Element]:
    """Yield what stands under the root, once it is closed. Raises `RefusedError` for broken XML."""
    depth, number = 0, 0
    current = Element(0, "", {})
    for tag, attributes in xml_events(stream, name):
        if attributes is None:
            depth -= 1
            if depth == 1:
                yield current
            continue
        if depth == 1:
            number += 1
            current = Element(number, tag, attributes)
        elif tag == "MetadataEntry" and depth == 2:
            current.metadata[attributes.get("key", "")] = attributes.get("value", "")
        elif tag == "Record":
            current.n_records += 1
        depth += 1


def member_of(names: tuple[str, ...]) -> str | None:
    """Return the export's XML among an archive's names, None where there is none.

    Its own name is translated; its folder's is not, and the second XML beside it ends in `_cda`.
    """
    xml = [name for name in names if name.lower().endswith(".xml") and not name.lower().endswith("_cda.xml")]
    in_folder = [name for name in xml if PurePosixPath(name).parent.name == "apple_health_export"]
    plain = [name for name in xml if PurePosixPath(name).name.lower() == "export.xml"]
    return next(iter(in_folder or plain), None)


@contextmanager
def opened(source: SourceFile, watch: Watch) -> Iterator[BinaryIO]:
    """Give the XML from its root on, told to `watch` as it is read. Raises `RefusedError` when it is no export."""
    if source.head().kind != "zip":
        with source.open() as stream:
            yield _without_prologue(_Watched(stream, source.size, watch), source.name)
        return
    with open_archive(source) as archive:
        member = member_of(archive.names)
        if member is None:
            raise RefusedError(f"{source.name} holds no export.xml.", "Choose the export.zip that Health wrote.")
        with archive.open(member) as stream:
            yield _without_prologue(_Watched(stream, archive.size(member), watch), source.name)


class _Watched:
    """A stream that tells how much of it has been read."""

    def __init__(self, stream: BinaryIO, size: int, watch: Watch) -> None:
        self._stream = stream
        self._size = size
        self._watch = watch
        self._done = 0

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._done += len(chunk)
        if self._watch is not None:
            self._watch(self._done // 1024, self._size // 1024)
        return chunk


class _Body:
    """The stream from the root on, control characters blanked."""

    def __init__(self, begun: bytes, stream: _Watched) -> None:
        self._begun = begun
        self._stream = stream

    def read(self, size: int) -> bytes:
        chunk, self._begun = self._begun or self._stream.read(size), b""
        return chunk.translate(_BLANKED)


def _without_prologue(stream: _Watched, name: str) -> BinaryIO:
    begun = stream.read(_PROLOGUE)
    prologue, root, rest = begun.partition(_ROOT)
    if b"<!ENTITY" in prologue:
        raise RefusedError(f"{name} declares XML entities.", "Don't use this file.")
    if not root:
        raise RefusedError(f"{name} holds no data of Apple Health.", "Choose the export that Health wrote.")
    return cast(BinaryIO, _Body(root + rest, stream))
