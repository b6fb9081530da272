"""JSON and XML files, read so that no input can make the reader run away or leave the file.

XML is streamed through expat; a DTD may be there (Apple Health writes one), entities are refused, external ones are
never fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, NoReturn
from xml.parsers import expat

from glucolog.errors import RefusedError

MAX_DEPTH = 200
MAX_TOKEN = 4 * 2**20
"""Bytes without the end of a tag: expat would keep all of them in memory."""
_CHUNK = 2**18


def load_json(text: str, name: str) -> object:
    """Parse JSON; NaN and Infinity, nesting without end and numbers without end are a `RefusedError`."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{name} is not whole JSON.", "Export it again; it may have been cut off.") from error


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
