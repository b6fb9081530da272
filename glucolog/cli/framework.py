"""The command tree: commands are imported when called, and the global options stand before or after any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any, cast

import click

from glucolog.cli.kinds import in_plain_words, label
from glucolog.errors import UsageError

Body = Callable[..., Any]
"""A command's function."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives (`module:attribute`) and the line that `--help` shows without importing it."""

    target: str
    line: str

    def load(self) -> click.Command:
        """Import the command."""
        module, attribute = self.target.split(":")
        return cast(click.Command, getattr(import_module(f"glucolog.cli.commands.{module}"), attribute))


@dataclass(slots=True)
class Globals:
    """What the global options said; None where the environment, the config file or a default decides."""

    db: str | None = None
    person: str | None = None
    as_json: bool = False
    no_input: bool = False
    yes: bool = False
    uid: str | None = None
    passphrase_file: str | None = None


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value:
        setattr(ctx.ensure_object(Globals), param.name, value)


def global_options() -> list[click.Parameter]:
    """Make the options that every command takes; each writes into the context's `Globals`."""
    shared: dict[str, Any] = {"expose_value": False, "callback": _remember}
    return [
        click.Option(["--db"], metavar="PATH|URL", help="The log to use (GLUCOLOG_DB).", **shared),
        click.Option(["--person"], metavar="NAME", help="Whose log (GLUCOLOG_PERSON).", **shared),
        click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON document.", **shared),
        click.Option(["--no-input"], is_flag=True, help="Never ask.", **shared),
        click.Option(["--yes", "-y"], is_flag=True, help="Answer yes to “are you sure?”.", **shared),
        click.Option(
            ["--passphrase-file"],
            metavar="FILE",
            help="Where the passphrase of an encrypted log stands: a private file, /dev/fd/3.",
            **shared,
        ),
        click.Option(
            ["--uid"], metavar="UUID", hidden=True, help="The write's own id: a repeat changes nothing.", **shared
        ),
    ]


class _Careful(click.Command):
    """What commands and groups share: an option is never empty, and one that takes a single value is said once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and refuse what a script's unset variable or a second, forgotten value would do in silence."""
        try:
            given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        except click.UsageError as error:
            error.ctx = ctx  # click's parser does not say where
            raise
        for param in order:
            if any(not text.strip() for text in _texts(given.get(param.name or ""))):
                raise UsageError(f"{label(param)} is empty.", "Say what it is, or leave it out.")
            if _is_single(param) and order.count(param) > 1:
                raise UsageError(f"{label(param)} is said twice.", "Say it once.")
        return super().parse_args(ctx, args)


class Command(_Careful):
    """A command that takes the global options too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = {name for param in self.params for name in param.opts}
        self.params.extend(option for option in global_options() if not own & set(option.opts))
        for param in self.params:
            param.type = in_plain_words(param.type)


class Group(_Careful, click.Group):
    """A group whose commands may be lazy entries."""

    command_class = Command

    def __init__(self, *args: Any, entries: dict[str, Entry] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = entries or {}
        self.params.extend(global_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return [*self.entries, *(name for name in super().list_commands(ctx) if name not in self.entries)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None."""
        if cmd_name in self.entries:
            return self.entries[cmd_name].load()
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered with the nearest names."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise UsageError(f"{ctx.command_path} has no command “{args[0]}”.", self._hint(ctx, args[0])) from error

    def _hint(self, ctx: click.Context, typed: str) -> str:
        from difflib import get_close_matches

        known = self.list_commands(ctx)
        if near := get_close_matches(typed, known, n=2):
            return f"Did you mean {' or '.join(near)}?"
        if "add" in known and not typed.isalpha():  # a value where the command is missing
            return f"To store it: `{ctx.command_path} add {typed} …`."
        return f"`{ctx.command_path} --help` lists them."

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the table's lines, without importing them."""
        if not self.entries:
            super().format_commands(ctx, formatter)
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in self.entries.items()])


def group(*, name: str, help: str) -> Callable[[Callable[..., Any]], Group]:  # noqa: A002 - click's own word
    """Make a group of subcommands whose commands take the global options."""
    return cast("Callable[[Callable[..., Any]], Group]", click.group(name=name, help=help, cls=Group))


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a command that takes the global options."""
    return cast("Callable[[Callable[..., Any]], Command]", click.command(name, cls=Command, **attributes))


def options(*decorators: Callable[..., Any]) -> Callable[[Body], Body]:
    """Join option decorators so that they read in the order given."""

    def apply(function: Body) -> Body:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def words(values: Sequence[str]) -> str:
    """Write known words for a help text."""
    return ", ".join(values)


def values(kind: type[StrEnum]) -> list[str]:
    """Return the words of an enumeration, for a choice."""
    return [member.value for member in kind]


def _texts(value: Any) -> Sequence[str]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return [one for one in values if isinstance(one, str)]


def _is_single(param: click.Parameter) -> bool:
    """Whether a second value would take the place of the first; a plain flag says the same thing twice."""
    if not isinstance(param, click.Option) or param.multiple or param.count:
        return False
    return not param.is_flag or bool(param.secondary_opts)
