"""The help pages' few marks as HTML: headings, paragraphs, lists, tables, code. Everything else is plain text."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_ITEM = re.compile(r"\s*[-*] |\s*\d+\. ")


def to_html(text: str) -> str:
    """Return the HTML of a help page; what is not a known mark is escaped."""
    parts: list[str] = []
    for block in _blocks(text):
        parts.append(_written(block))
    return "\n".join(parts)


def _blocks(text: str) -> list[str]:
    """Cut a page at blank lines, keeping a fenced listing whole."""
    blocks: list[str] = []
    for index, part in enumerate(re.split(r"^```.*$", text, flags=re.MULTILINE)):
        fenced = index % 2
        blocks += ["\0" + part.strip("\n")] if fenced else [b for b in re.split(r"\n\s*\n", part) if b.strip()]
    return blocks


def _written(block: str) -> str:
    for fits, write in _FORMS:
        if fits(block):
            return write(block)
    return f"<p>{_inline(' '.join(block.split()))}</p>"


def _inline(text: str) -> str:
    safe = escape(text)
    return _BOLD.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", safe))


def _heading(block: str) -> str:
    first, _, rest = block.strip().partition("\n")
    level = len(first) - len(first.lstrip("#"))
    after = _written(rest) if rest.strip() else ""
    return f"<h{level}>{_inline(first.lstrip('# '))}</h{level}>{after}"


def _listing(block: str) -> str:
    tag = "ol" if re.match(r"\s*\d+\.", block) else "ul"
    items = re.split(r"\n(?=\s*[-*] |\s*\d+\. )", block.strip("\n"))
    lines = "".join(f"<li>{_inline(' '.join(_ITEM.sub('', item, count=1).split()))}</li>" for item in items)
    return f"<{tag}>{lines}</{tag}>"


def _table(block: str) -> str:
    head, _, *rows = (
        [cell.strip().replace("\0", "|") for cell in line.strip().strip("|").replace("\\|", "\0").split("|")]
        for line in block.strip().splitlines()
    )
    heads = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in rows)
    inner = f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="Table">{inner}</div>'


def _code(block: str) -> str:
    listing = escape(block.lstrip("\0"))
    return f'<pre tabindex="0">{listing}</pre>'


_FORMS: tuple[tuple[Callable[[str], object], Callable[[str], str]], ...] = (
    (lambda block: block.startswith("\0"), _code),
    (lambda block: block.lstrip().startswith("#"), _heading),
    (lambda block: block.lstrip().startswith("|") and block.count("\n") >= 1, _table),
    (lambda block: all(line.startswith("    ") for line in block.strip("\n").splitlines()), _code),
    (_ITEM.match, _listing),
)
