"""The kinds of value an option takes, with refusals in plain words; a decimal comma is as good as a point."""

from __future__ import annotations

from typing import Any

import click

from glucolog.errors import UsageError

LARGEST = 999_999_999
"""No count or limit is larger; beyond the database's own integers a number could not even be asked for."""


def in_plain_words(kind: click.ParamType[Any]) -> click.ParamType[Any]:
    """Return the same kind of value, refusing in plain words what click would refuse in a programmer's."""
    if isinstance(kind, click.IntRange):
        return Whole(kind.min, kind.max)
    if isinstance(kind, click.FloatRange):
        return Number(kind.min, kind.max)
    if kind is click.FLOAT:
        return Number()
    if isinstance(kind, click.Choice):
        return Word(kind.choices, case_sensitive=False)
    return kind


class Whole(click.IntRange):
    """A whole number within bounds."""

    name = "number"

    def _describe_range(self) -> str:
        """Say the bounds for the option's help; click writes them as `1<=x<=5`."""
        return _bounds(self)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the number, or raise `UsageError`."""
        refusal = UsageError(f"“{value}” does not fit {label(param)}.", f"Type a whole number{_span(self)}.")
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter as error:
            raise refusal from error
        if number > LARGEST:
            raise refusal
        return number


class Number(click.FloatRange):
    """A number within bounds, with a decimal point or comma."""

    name = "number"

    def _describe_range(self) -> str:
        """Say the bounds for the option's help, where there are any."""
        return _bounds(self)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the number, or raise `UsageError`."""
        pointed: Any = str(value).replace(",", ".")
        try:
            return super().convert(pointed, param, ctx)
        except click.BadParameter as error:
            raise UsageError(f"“{value}” does not fit {label(param)}.", f"Type a number{_span(self)}.") from error


class Word(click.Choice[Any]):
    """One of a few words, whatever their case."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the word as glucolog writes it, or raise `UsageError` with the nearest."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            from glucolog.core.vocabulary import unknown_word

            raise unknown_word(f"word for {label(param)}", str(value), map(str, self.choices)) from error


def label(param: click.Parameter | None) -> str:
    """Return what people call a parameter: `--minutes`, `VALUE`."""
    if param is None:
        return "this"
    return param.opts[-1] if isinstance(param, click.Option) else param.human_readable_name


def _bounds(kind: click.IntRange | click.FloatRange) -> str:
    if kind.max is None:
        return "" if kind.min is None else f"{kind.min:g} or more"
    return f"{kind.min or 0:g} to {kind.max:g}"


def _span(kind: click.IntRange | click.FloatRange) -> str:
    if kind.max is None:
        return "" if kind.min is None else f" from {kind.min:g} up, of nine digits at most"
    return f" from {kind.min or 0:g} to {kind.max:g}"
