"""The pages of a sound log taken apart by the file format's own description (https://www.sqlite.org/fileformat2.html).

No SQLite reads here, so that what lies on a page can be told without what is tested. Of an encrypted log the pages are
deciphered first (AES-256 in CBC mode, the vector before the 64 bytes of the page's HMAC).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from glucolog.storage.crypto import Key

PAGE = 4096
_SALT, _RESERVED, _HMAC = 16, 80, 64
_ROOT_OF_ALL = 1
_INNER = {2, 5}
_BY_ROWID = {5, 13}


@dataclass(frozen=True, slots=True)
class Stored:
    """A row: its values, as its table's columns are named, and the pages it lies on."""

    table: str
    values: tuple[object, ...]
    pages: frozenset[int]


@dataclass(slots=True)
class Pages:
    """What a log's pages are: of each, the tree it belongs to and its part in it; and every row of every table."""

    roles: dict[int, tuple[str, str]] = field(default_factory=dict)
    rows: list[Stored] = field(default_factory=list)


def taken_apart(log: Path, key: Key | None, columns: dict[str, list[str]], taken: dict[str, list[str]]) -> Pages:
    """Read a log page by page.

    `columns` are the names of each table's values in the order of its records, `taken` those that are asked for.
    """
    pages = _plain(log, key)
    usable = PAGE - pages[1][20]
    found = Pages()
    trees = {_ROOT_OF_ALL: "sqlite_schema"}
    for name, root in _trees(pages, usable):
        trees[root] = name
    for root, name in trees.items():
        for place, values, used, rowid in _walked(pages, usable, root, name, found):
            if name in columns:
                named = dict(zip(columns[name], values, strict=False))
                if "seq" in named:
                    named["seq"] = rowid
                row = tuple(named.get(one) for one in taken[name])
                found.rows.append(Stored(name, row, frozenset({place, *used})))
    trunk = struct.unpack(">I", pages[1][32:36])[0]
    while trunk:
        found.roles[trunk] = "free", "trunk"
        following, count = struct.unpack(">II", pages[trunk][:8])
        for place in struct.unpack(f">{count}I", pages[trunk][8 : 8 + 4 * count]):
            found.roles[place] = "free", "leaf"
        trunk = following
    return found


def _plain(log: Path, key: Key | None) -> dict[int, bytes]:
    content = log.read_bytes()
    pages = {number + 1: content[number * PAGE : (number + 1) * PAGE] for number in range(len(content) // PAGE)}
    return pages if key is None else {number: _deciphered(page, number, key) for number, page in pages.items()}


def _deciphered(page: bytes, number: int, key: Key) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    start, end = (_SALT if number == 1 else 0), PAGE - _RESERVED
    cipher = Cipher(algorithms.AES(key.raw), modes.CBC(page[end : PAGE - _HMAC])).decryptor()
    head = b"SQLite format 3\0" if number == 1 else b""
    return head + cipher.update(page[start:end]) + cipher.finalize() + bytes(_RESERVED)


def _trees(pages: dict[int, bytes], usable: int) -> Iterator[tuple[str, int]]:
    for _, values, _, _ in _walked(pages, usable, _ROOT_OF_ALL, "sqlite_schema", Pages()):
        yield str(values[1]), int(str(values[3]))


def _walked(
    pages: dict[int, bytes], usable: int, root: int, tree: str, found: Pages
) -> Iterator[tuple[int, tuple[object, ...], list[int], int]]:
    waiting = [root]
    while waiting:
        place = waiting.pop()
        page, at = pages[place], 100 if place == 1 else 0
        kind = page[at]
        found.roles[place] = tree, "root" if place == root else "inner" if kind in _INNER else "leaf"
        count = struct.unpack(">H", page[at + 3 : at + 5])[0]
        if kind in _INNER:
            waiting.append(struct.unpack(">I", page[at + 8 : at + 12])[0])
        first = at + (12 if kind in _INNER else 8)
        for cell in struct.unpack(f">{count}H", page[first : first + 2 * count]):
            if kind in _INNER:
                waiting.append(struct.unpack(">I", page[cell : cell + 4])[0])
            if kind != min(_BY_ROWID):
                values, used, rowid = _cell(pages, usable, page, cell + (4 if kind in _INNER else 0), kind)
                found.roles.update(dict.fromkeys(used, (tree, "overflow")))
                yield place, values, used, rowid


def _cell(
    pages: dict[int, bytes], usable: int, page: bytes, at: int, kind: int
) -> tuple[tuple[object, ...], list[int], int]:
    """Return the values of a cell, its overflow pages and its rowid."""
    size, at = _varint(page, at)
    rowid, at = _varint(page, at) if kind in _BY_ROWID else (0, at)
    most = usable - 35 if kind in _BY_ROWID else (usable - 12) * 64 // 255 - 23
    least = (usable - 12) * 32 // 255 - 23
    fitting = least + (size - least) % (usable - 4)
    local = size if size <= most else fitting if fitting <= most else least
    payload, used = page[at : at + local], []
    if local < size:
        following = struct.unpack(">I", page[at + local : at + local + 4])[0]
        while following:
            used.append(following)
            payload += pages[following][4:usable]
            following = struct.unpack(">I", pages[following][:4])[0]
    return tuple(_values(payload[:size])), used, rowid


def _values(payload: bytes) -> Iterator[object]:
    end, at = _varint(payload, 0)
    body = end
    while at < end:
        kind, at = _varint(payload, at)
        size = {0: 0, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}.get(kind, kind if kind < 5 else (kind - 12) // 2)
        part = payload[body : body + size]
        body += size
        if kind == 0:
            yield None
        elif kind == 7:
            yield struct.unpack(">d", part)[0]
        elif kind in {8, 9}:
            yield kind - 8
        elif kind < 7:
            yield int.from_bytes(part, "big", signed=True)
        else:
            yield part.decode() if kind % 2 else part


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | content[place] & 0x7F
        if content[place] < 0x80:
            return value, place + 1
    return value << 8 | content[at + 8], at + 9
