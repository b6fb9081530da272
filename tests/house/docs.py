"""The pages that are generated from the code: `python -m tests.house.docs` writes them, a test holds them to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path

import click
from glucolog.cli.app import root
from glucolog.cli.framework import global_options
from glucolog.core.citations import CITATIONS
from glucolog.core.evidence import THRESHOLDS
from glucolog.core.gate import rule_table as gate_table
from glucolog.core.rules import rule_table as session_table
from glucolog.core.rules.rule import RuleRow
from glucolog.importers.registry import FORMATS

SHARED = {name for option in global_options() for name in option.opts} | {"--help"}


def commands() -> str:
    """The command reference."""
    parts = [
        "# Commands",
        "Global options stand before or after the command: `--db PATH|URL`, `--person NAME`, `--json`, `--no-input`, "
        "`--yes`. Times and values are explained in `glucolog help time` and `glucolog help units`.",
        *_sections(root, click.Context(root, info_name="glucolog")),
    ]
    return "\n\n".join(parts) + "\n"


def rules() -> str:
    """The rule table, the thresholds and the sources."""
    parts = [
        "# Rules",
        "What glucolog says, from which number, and whose. A threshold is a published pair: a reading is compared in "
        "the unit it was typed in. The gate before a session is glucolog's own proposal; no clinician has reviewed it.",
        "## Before a session",
        _table(gate_table()),
        "## Around and after a session",
        _table(session_table()),
        "## Thresholds",
        _thresholds(),
        "## Sources",
        _sources(),
    ]
    return "\n\n".join(parts) + "\n"


IMPORT = """\
# Import

`glucolog import FILE …` brings in what you have. The format is recognised; `--format NAME` says it instead.

## Formats

{formats}

## What happens

1. The whole file is read first. A file that can't be read, or holds nothing, is refused and changes nothing.
2. What the log has already is not stored again: the same reading from two files is one reading. Two values for one
   instant are a conflict: both are kept, the one stored first is used, and the conflict is listed.
   A re-export whose clock is off by whole quarters of an hour (a summer exported in winter, a journey) is known by its
   values and brings nothing again.
3. Each file is one batch: `glucolog undo` takes all of it back.
4. Every row is accounted for: brought in, there already, rejected with its line and reason, or left out and counted by
   kind (alerts, settings, daily totals).

`--dry-run` shows all of this and stores nothing.

## What files don't say

- **Time zone.** Most files hold the clock of the device. It is read as your own zone; `--tz` names another.
- **Dates like 03/04/2026** are settled by the file as a whole. When nothing in it settles them, you are asked:
  `--day-first` or `--month-first`.
- **Unit.** Taken from the file; where it names none, `--unit` says it. It is never guessed from the numbers.
- **Massage.** A note or an event that speaks of massage is offered as a session. `--log-sessions` asks about each and
  logs it with its words as the note; `--yes` logs them all. One that the log has already is not offered again.

## A CSV of any shape

`--format generic` reads a CSV whose header names any of `time`, `glucose_mg_dl` or `glucose_mmol_l`, `source`,
`insulin_units`, `insulin`, `site`, `carbs_g`, `note`. Other headers are mapped, and the mapping is remembered for the
next file with the same header line:

    glucolog import diary.csv --format generic --map time=When --map glucose_mg_dl=Sugar
"""


def imports() -> str:
    """The formats that come in."""
    head = "| name | from |\n|---|---|"
    rows = (f"| `{name}` | {known.label} |" for name, known in FORMATS.items())
    return IMPORT.format(formats="\n".join([head, *rows]))


PAGES: dict[str, Callable[[], str]] = {"commands.md": commands, "rules.md": rules, "import.md": imports}
"""Every generated page of the help and what writes it."""


def _sections(command: click.Command, ctx: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from _sections(found, click.Context(found, info_name=name, parent=ctx))
        return
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    options = [record for param in command.params if _is_own(param) and (record := _told(param, ctx))]
    lines = [f"## {ctx.command_path.removeprefix('glucolog ')}", *_paragraphs(command.help or ""), f"    {usage}"]
    if options:
        lines.append("\n".join(f"- `{name}` – {text.strip()}" for name, text in options))
    yield "\n\n".join(lines)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in cleandoc(text).split("\n\n")]


def _told(param: click.Parameter, ctx: click.Context) -> tuple[str, str] | None:
    """An option's line; an argument has no words of its own and stands in the usage already."""
    record = param.get_help_record(ctx)
    return record if record and record[1].strip() else None


def _is_own(param: click.Parameter) -> bool:
    return not SHARED & set(param.opts)


def _table(rows: tuple[RuleRow, ...]) -> str:
    head = "| rule | level | for | threshold | says | source |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(_row(row) for row in rows)])


def _row(row: RuleRow) -> str:
    return f"| {row.id} | {row.level} | {row.applies_to} | {row.threshold} | {row.sentence} | {row.source} |"


def _thresholds() -> str:
    head = "| name | mg/dL | mmol/L | source |\n|---|---|---|---|"
    rows = (
        f"| {one.name} | {one.sense} {one.pair.mg_dl:g} | {one.sense} {one.pair.mmol_l:g} "
        f"| {CITATIONS[one.citation].label} |"
        for one in THRESHOLDS
    )
    return "\n".join([head, *rows])


def _sources() -> str:
    return "\n".join(f"- **{one.label}** ({one.grade}): {one.says}. {one.reference}." for one in CITATIONS.values())


def main() -> None:
    """Write every generated page."""
    folder = Path(str(files("glucolog.help")))
    for name, write in PAGES.items():
        (folder / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
