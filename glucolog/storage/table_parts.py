"""What tables are made of: columns with the CHECK that belongs to each, and three shapes of table.

A part is a list of items, so that a table reads as what it holds. The words of the vocabulary and the bounds of what
can be are CHECKs; only making tables needs those, so they are put on apart, and reading and writing does not pay for
them.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from glucolog.core import vocabulary
from glucolog.core.vocabulary import Side
from glucolog.storage.types import Day, Flag, Id, Instant, JsonText, Number, Words

EARLIEST_S, LATEST_S = -2_208_988_800, 7_258_118_400
"""1900 to 2200: an instant beyond is a slip of a clock or a unit (milliseconds)."""
NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Check(NamedTuple):
    """A rule of a table, under a name; `sqlite_only` where PostgreSQL has a type for it."""

    name: str
    rule: str
    sqlite_only: bool


Item = Column[object] | Check | UniqueConstraint | PrimaryKeyConstraint | Index


def check(name: str, rule: str, *, sqlite_only: bool = False) -> Check:
    """A CHECK that waits until tables are made."""
    return Check(name, rule, sqlite_only)


def own_check(name: str, rule: str) -> CheckConstraint:
    """A CHECK that lies with its column: one that was added to a table that was there (SQLite adds no other)."""
    return CheckConstraint(rule, name=name)


def key() -> list[Item]:
    """The record's own id."""
    return [Column("id", Id, nullable=False), PrimaryKeyConstraint("id")]


def owner() -> Item:
    """Whose it is."""
    return reference("person_id", "person.id", nullable=False)


def reference(name: str, target: str, *, nullable: bool = True) -> Item:
    """The id of a row elsewhere; deferred: a session may be stored before the readings it links to, in one write."""
    return Column(name, Id, ForeignKey(target, deferrable=True, initially="DEFERRED"), nullable=nullable)


def moment(column: str, zone: str, *, nullable: bool = False) -> list[Item]:
    """An instant, in seconds UTC, beside its zone of capture."""
    return [
        Column(column, Instant, nullable=nullable),
        Column(zone, Words, nullable=nullable),
        check(f"{column}_plausible", f"{column} BETWEEN {EARLIEST_S} AND {LATEST_S}"),
    ]


def word(column: str, words: Iterable[str], *, nullable: bool = True) -> list[Item]:
    """One of the known words."""
    known = ", ".join(f"'{word.value if isinstance(word, Enum) else word}'" for word in words)
    return [Column(column, Words, nullable=nullable), check(f"{column}_known", f"{column} IN ({known})")]


def flag(column: str, *, nullable: bool = True) -> list[Item]:
    """True or false; NULL is "not said"."""
    return [
        Column(column, Flag, nullable=nullable),
        check(f"{column}_flag", f"{column} IN (0, 1)", sqlite_only=True),
    ]


def json_list(column: str) -> list[Item]:
    """A list that is only ever read with its record."""
    return [Column(column, JsonText, nullable=False), json_check(column)]


def json_check(column: str) -> Item:
    """The CHECK of a column that holds JSON."""
    return check(f"{column}_json", f"{column} IS NULL OR json_valid({column})", sqlite_only=True)


def day(column: str, *, nullable: bool = True) -> list[Item]:
    """A calendar day, ISO."""
    return [
        Column(column, Day, nullable=nullable),
        check(f"{column}_day", f"date({column}) IS {column}", sqlite_only=True),
    ]


def amount(column: str, bounds: str, *, nullable: bool = True) -> list[Item]:
    """A number within `bounds`, written as in SQL."""
    return [Column(column, Number, nullable=nullable), check(f"{column}_plausible", f"{column} {bounds}")]


def free_text(*columns: str) -> list[Item]:
    """Texts that may be missing."""
    return [Column(column, Words) for column in columns]


def place(area: str, side: str, *, nullable: bool = True) -> list[Item]:
    """An area of the body with its side."""
    return [
        *word(area, vocabulary.AREAS, nullable=nullable),
        *word(side, Side, nullable=nullable),
    ]


def removable() -> Item:
    """When the row was removed; NULL while it stands."""
    return Column("deleted_at_s", Instant)


class Tables:
    """Makes the tables of one `metadata` and keeps their CHECKs until somebody wants to make them in a database."""

    def __init__(self) -> None:
        self.metadata = MetaData(naming_convention=NAMES)
        self._checks: dict[str, list[Check]] = {}

    def table(self, name: str, *items: Item, with_rowid: bool = True, autoincrement: bool = False) -> Table:
        """Make a table of these parts."""
        self._checks[name] = [item for item in items if isinstance(item, Check)]
        parts = (item for item in items if not isinstance(item, Check))
        return Table(
            name, self.metadata, *parts,
            sqlite_strict=True, sqlite_with_rowid=with_rowid, sqlite_autoincrement=autoincrement,
        )  # fmt: skip

    def timed(self, name: str, *items: Item) -> Table:
        """Make a table of what a person has at an instant, `at_s`."""
        index = Index(None, "person_id", "at_s")
        return self.table(name, *key(), owner(), *moment("at_s", "zone"), *items, removable(), index)

    def child(self, name: str, parent: str, *items: Item) -> Table:
        """Make a table of a list that belongs to a row of another, in order of `position`."""
        return self.table(
            name,
            reference(f"{parent}_id", f"{parent}.id", nullable=False),
            Column("position", Integer, nullable=False),
            *items,
            PrimaryKeyConstraint(f"{parent}_id", "position"),
            with_rowid=False,
        )

    def put_on_checks(self) -> None:
        """Add to every table the CHECKs that came with its parts; done once, it does nothing more."""
        for name, checks in self._checks.items():
            for one in checks:
                constraint = CheckConstraint(one.rule, name=one.name)
                self.metadata.tables[name].append_constraint(
                    constraint.ddl_if(dialect="sqlite") if one.sqlite_only else constraint
                )
        self._checks.clear()
