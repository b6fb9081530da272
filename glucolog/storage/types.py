"""Column types that hold the same values on SQLite (STRICT tables) and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import BLOB, REAL, TypeDecorator, TypeEngine, Uuid

from glucolog.storage.ids import to_bytes, to_text


class Id(TypeDecorator[str]):
    """A UUID, canonical text in Python: a BLOB of 16 bytes on SQLite, a native UUID elsewhere."""

    impl = BLOB
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of the database at hand."""
        return dialect.type_descriptor(BLOB() if dialect.name == "sqlite" else Uuid(as_uuid=False))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Check the id, and pack it for SQLite."""
        if value is None:
            return None
        packed = to_bytes(value)
        return packed if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None] | None:
        """Return what makes canonical text of a column's values; it stands alone, for it runs three times a reading."""
        if dialect.name == "sqlite":
            return _text_or_none
        return super().result_processor(dialect, coltype)


def _text_or_none(raw: bytes | None) -> str | None:
    return None if raw is None else to_text(raw)


# STRICT tables of SQLite know INTEGER, REAL, TEXT and BLOB alone.
Instant = BigInteger().with_variant(Integer(), "sqlite")
Number: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
Flag = Boolean().with_variant(Integer(), "sqlite")
Words = Text()
JsonText = Text()
Day = Text()
