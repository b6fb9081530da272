"""How Alembic runs the migrations: on a connection that glucolog hands over, or on a file named by the command line.

From the top-level folder: `alembic -x db=PATH|URL upgrade head`. glucolog itself backs a file up first and goes through
`glucolog.storage.migrate`.
"""

from __future__ import annotations

from pathlib import Path

from alembic import context
from glucolog.errors import UsageError
from glucolog.storage.engine import open_engine
from glucolog.storage.log import is_on_server
from glucolog.storage.migrate import in_transaction
from glucolog.storage.schema import stamp
from glucolog.storage.tables import complete
from sqlalchemy import Connection, Engine


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=complete(),
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "sqlite":
        stamp(connection, int(context.get_context().get_current_revision() or 0))


def _target() -> Connection | Engine:
    given: Connection | Engine | None = context.config.attributes.get("connection")
    if given is not None:
        return given
    path = context.get_x_argument(as_dictionary=True).get("db")
    if path is None:
        raise UsageError("Which log to migrate was not said.", "Name it: alembic -x db=PATH|URL upgrade head.")
    if is_on_server(path):
        from glucolog.storage.postgres import server_engine

        return server_engine(path)
    return open_engine(Path(path))


def _main() -> None:
    target = _target()
    if isinstance(target, Connection):
        _run(target)
        return
    with in_transaction(target) as connection:
        _run(connection)


_main()
