"""Column types that hold the same values on SQLite (STRICT tables) and on PostgreSQL."""

from __future__ import annotations

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

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 – SQLAlchemy's signature
        """Return canonical text."""
        return to_text(value) if isinstance(value, bytes) else value


# STRICT tables of SQLite know INTEGER, REAL, TEXT and BLOB alone.
Instant = BigInteger().with_variant(Integer(), "sqlite")
Number: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
Flag = Boolean().with_variant(Integer(), "sqlite")
Words = Text()
JsonText = Text()
Day = Text()
