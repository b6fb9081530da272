"""JSON and XML files, read so that no input can make the reader run away or leave the file.

XML is streamed through expat; a DTD may be there (Apple Health writes one), entities are refused, external ones are
never fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, NoReturn
from xml.parsers import expat

from glucolog.core.letters import mended_json
from glucolog.errors import RefusedError

MAX_DEPTH = 200
MAX_TOKEN = 4 * 2**20
"""Bytes without the end of a tag: expat would keep all of them in memory."""
_CHUNK = 2**18
_BETWEEN = re.compile(r"[\s,]*")
_TYPES = frozenset({"$oid", "$date", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"})


def load_json(text: str, name: str) -> object:
    """Parse JSON; NaN and Infinity, nesting without end and numbers without end are a `RefusedError`."""
    try:
        return mended_json(json.loads(text, parse_constant=_no_constant), text)
    except (ValueError, RecursionError) as error:
        raise _not_whole(name) from error


class Documents(NamedTuple):
    """JSON values that follow each other in one text; `cut_at` numbers the one (from 1) that the text breaks off in."""

    items: list[object]
    cut_at: int | None


def load_documents(text: str, name: str) -> Documents:
    """Parse JSON values one after another, as `mongoexport` writes them, its typed values (`$oid` …) made plain.

    Raises as `load_json` for what is broken anywhere but in the last line, or for what is no JSON at all.
    """
    decoder = json.JSONDecoder(object_hook=_untyped, parse_constant=_no_constant)
    items: list[object] = []
    at = _next_value(text, 0)
    try:
        while at < len(text):
            item, end = decoder.raw_decode(text, at)
            items.append(mended_json(item, text[at:end]))
            at = _next_value(text, end)
    except (ValueError, RecursionError) as error:
        if not items or "\n" in text[at:].strip():
            raise _not_whole(name) from error
        return Documents(items, len(items) + 1)
    return Documents(items, None)


def _next_value(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _untyped(value: dict[str, object]) -> object:
    """MongoDB's extended JSON: `{"$oid": "5f…"}` is "5f…", `{"$numberLong": "1"}` is "1"."""
    key = next(iter(value), "")
    return value[key] if len(value) == 1 and key in _TYPES else value


def _not_whole(name: str) -> RefusedError:
    return RefusedError(f"{name} is not whole JSON.", "Export it again; it may have been cut off.")


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


class Event(NamedTuple):
    """An XML element's start, with its attributes, or its end (`attributes` None)."""

    tag: str
    attributes: dict[str, str] | None


def xml_events(stream: BinaryIO, name: str) -> Iterator[Event]:
    """Stream the elements of an XML file. Raises `RefusedError` for broken XML and for entities."""
    events: list[Event] = []
    parser = _parser(events, name)
    try:
        open_bytes = 0
        while chunk := stream.read(_CHUNK):
            open_bytes = 0 if b">" in chunk else open_bytes + len(chunk)
            if open_bytes > MAX_TOKEN:
                raise RefusedError(f"{name} has a tag or a text without end.", "Don't use this file.")
            parser.Parse(chunk, False)
            yield from events
            events.clear()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise RefusedError(f"{name} is not whole XML.", "Export it again; it may have been cut off.") from error
    yield from events


def _parser(events: list[Event], name: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            refuse()
        events.append(Event(tag, attributes))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        events.append(Event(tag, None))

    def refuse(*_: object) -> NoReturn:
        raise RefusedError(f"{name} declares XML entities or nests without end.", "Don't use this file.")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.buffer_text = True
    return parser
