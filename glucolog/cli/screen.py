"""The one way to a terminal: what people, files and servers wrote can't steer it, wherever it stands in an answer."""

from __future__ import annotations

import re
from typing import Any

import click

_STEERING = (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Control characters but tab and line feed, and the marks that turn the reading direction."""
_SHOWN = dict.fromkeys(_STEERING, "\ufffd")
_ESCAPED = {sign: f"\\u{sign:04x}" for sign in _STEERING if sign > 31}
"""What JSON lets stand as it is; what lies below it is escaped by every writer of JSON."""
_LONG = re.compile(r"“([^“”]{200})[^“”]{200,}+”?|(\S{400})\S{200,}+")
LONGEST = 2_000
"""Characters of what is wrong and what to do, together; the longest of our own have half of that."""
BELL = "\a"


def printable(text: str) -> str:
    """Return the text with a replacement character in place of each one that would steer the terminal."""
    return text.translate(_SHOWN)


def short(text: str) -> str:
    """Return a sentence in which what it quotes is cut where nobody would read on."""
    cut = _LONG.sub(lambda found: f"“{found[1]}…”" if found[1] else f"{found[2]}…", text)
    return cut if len(cut) <= LONGEST else f"{cut[:LONGEST]}…"


def put(text: str) -> None:
    """Print an answer for a person."""
    click.echo(printable(text))


def put_document(document: Any, *, on_one_line: bool = False) -> None:
    """Print an answer as one JSON document."""
    click.echo(as_json(document, indent=None if on_one_line else 2))


def as_json(document: Any, indent: int | None = None) -> str:
    """Write a JSON document that is as harmless on a screen as it is whole."""
    import json

    text = json.dumps(document, ensure_ascii=False, indent=indent, allow_nan=False)
    return text if text.isascii() and "\x7f" not in text else text.translate(_ESCAPED)


def ring(text: str) -> None:
    """Print an alarm for a person, with the bell before it."""
    click.echo(BELL + printable(text))


def tell(text: str = "") -> None:
    """Say something beside the answer, on stderr."""
    click.echo(printable(text), err=True)


def is_sure(question: str) -> bool:
    """Ask for a yes or a no, on stderr."""
    return click.confirm(printable(question), err=True)


def ask(question: str, **more: Any) -> str:
    """Ask for words, on stderr; `more` as `click.prompt` takes it."""
    return str(click.prompt(printable(question), err=True, **more))
