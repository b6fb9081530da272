"""Migrations: one head, up and down, equal to the tables, data kept, from the repository and from the wheel."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_alembic
from alembic.script import ScriptDirectory
from glucolog.core.moments import Moment
from glucolog.core.records import Person, Phase, Reading, ReadingLink, Session
from glucolog.core.vocabulary import BodyArea
from glucolog.storage import migrate, new_id, open_log, schema
from glucolog.storage.check import check
from glucolog.storage.engine import open_engine, prepare
from glucolog.storage.log import Log
from glucolog.storage.migrate import alembic_config, scripts_folder
from glucolog.storage.problems import ChangedUnderneathError, DamagedLogError, NewerLogError
from glucolog.storage.rolling import Reason, automatic
from glucolog.storage.schema import SCHEMA_VERSION, revision_of
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import Engine
from tests.bounds import PATIENCE_S

__all__ = ["test_model_definitions_match_ddl", "test_single_head_revision", "test_up_down_consistency", "test_upgrade"]

NOON = Moment(1_774_785_600, "Europe/Berlin")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def alembic_engine(path: Path) -> Iterator[Engine]:
    prepare(path, create=True)
    engine = open_engine(path)
    yield engine
    engine.dispose()


@pytest.fixture
def alembic_runner(alembic_engine: Engine) -> Iterator[object]:
    config = pytest_alembic.Config(alembic_config=alembic_config())
    with pytest_alembic.runner(config, alembic_engine) as runner:
        yield runner


def ddl(path: Path) -> dict[str, list[str]]:
    """Return what each table and index is made of, whatever the order of its columns and the breaks between them."""
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {name: sorted(_parts(" ".join(sql.split()))) for name, sql in rows}


def _parts(sql: str) -> list[str]:
    head, opened, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    return [f"{head}{opened}{tail}", *(part.strip() for part in re.split(r",(?= (?:\w+ [A-Z]|CONSTRAINT ))", body))]


def test_the_number_on_the_hot_path_is_the_head() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [revision_of(SCHEMA_VERSION)]


def test_a_migrated_log_has_the_tables_of_a_new_one(alembic_engine: Engine, path: Path, tmp_path: Path) -> None:
    migrate.upgrade(alembic_engine, path)
    open_log(tmp_path / "new.db", create=True).close()
    assert ddl(path) == ddl(tmp_path / "new.db")
    assert check(path, deep=True).problems == ()


def test_alembic_runs_from_the_top_level_folder(path: Path) -> None:
    prepare(path, create=True)
    for command in ("upgrade", "check"):
        words = [
            sys.executable,
            "-m",
            "alembic",
            "-x",
            f"db={path}",
            command,
            *(["head"] if command == "upgrade" else []),
        ]
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE_S)
    with open_log(path) as log:
        assert log.people() == ()


NEXT_VERSION = schema.SCHEMA_VERSION + 1
NEXT = '''
"""A change of the future: a column by a table made anew."""
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("session", recreate="always") as batch:
        batch.add_column(sa.Column("room", sa.Text()))
{more}

def downgrade() -> None:
    with op.batch_alter_table("session", recreate="always") as batch:
        batch.drop_column("room")
'''


@pytest.fixture
def of_the_future(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes this glucolog know one migration more."""

    def know(more: str = "") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(scripts_folder(), folder)
        names = {"revision": schema.revision_of(NEXT_VERSION), "head": schema.revision_of(NEXT_VERSION - 1)}
        (folder / "versions" / "next_room.py").write_text(NEXT.format(more=more, **names))
        monkeypatch.setattr(migrate, "scripts_folder", lambda: folder)
        monkeypatch.setattr(schema, "SCHEMA_VERSION", NEXT_VERSION)

    return know


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as raw:
        names = [row[0] for row in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: sorted(raw.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608 – names from the schema
            for name in names
            if name not in {"alembic_version", "sqlite_sequence"}
        }


def _fill(log: Log, ada: Person, reading: Reading) -> Session:
    session = Session(
        id=new_id(), person_id=ada.id, start=NOON, areas=(BodyArea("foot"), BodyArea("back")), tags=("evening",),
        links=(ReadingLink(reading_id=reading.id, phase=Phase.BEFORE),),
    )  # fmt: skip
    with log.write(uid=new_id(), summary="add session", person_id=ada.id, at=NOON) as writer:
        writer.add(reading)
        writer.add(session)
    return session


def test_an_older_log_is_backed_up_and_migrated_with_all_its_rows(
    log: Log,
    path: Path,
    ada: Person,
    make_reading: Callable[..., Reading],
    of_the_future: Callable[..., None],
) -> None:
    session = _fill(log, ada, make_reading(142))
    log.close()
    before = dump(path)
    of_the_future()
    with open_log(path) as migrated:
        assert migrated.sessions(ada.id) == (session,)
    after = dump(path)
    assert [row[:-1] for row in after.pop("session")] == before.pop("session")
    assert after == before
    (copy,) = automatic(path, Reason.UPGRADE)
    assert dump(copy)["session_area"] == before["session_area"]
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (NEXT_VERSION,)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_migration_that_fails_or_breaks_links_leaves_the_log_as_it_was(
    log: Log,
    path: Path,
    ada: Person,
    make_reading: Callable[..., Reading],
    of_the_future: Callable[..., None],
) -> None:
    _fill(log, ada, make_reading(142))
    log.close()
    before = dump(path), ddl(path)
    of_the_future('    op.execute("DELETE FROM reading")')
    with pytest.raises(DamagedLogError, match="session_link belong to nothing"):
        open_log(path)
    assert (dump(path), ddl(path)) == before


def test_an_older_glucolog_that_has_it_open_neither_writes_nor_reads_and_calls_nothing_damaged(
    log: Log, path: Path, ada: Person, make_reading: Callable[..., Reading], of_the_future: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    session = _fill(log, ada, make_reading(142))
    of_the_future('    op.rename_table("symptom", "score")')
    with open_log(path) as upgraded:
        assert upgraded.sessions(ada.id) == (session,)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION)
    for use in (log.people, lambda: log.symptoms(ada.id), lambda: log.undo(at=NOON)):
        with pytest.raises(ChangedUnderneathError, match="upgraded"):
            use()
    with pytest.raises(NewerLogError):
        open_log(path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it in a clean environment; return that one's Python.

    The libraries come from this environment through a path file; its own, editable glucolog does not.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    name = subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    venv.create(folder / "clean", with_pip=False)
    (site,) = folder.glob("clean/lib/python*/site-packages")
    shutil.unpack_archive(folder / name.stdout.split()[-1], site, "zip")
    libraries = folder / "libraries"
    libraries.mkdir()
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "glucolog" not in package.name and package.suffix != ".pth":
            (libraries / package.name).symlink_to(package)
    (site / "libraries.pth").write_text(str(libraries))
    return folder / "clean" / "bin" / "python"


def test_an_installed_wheel_makes_and_migrates_a_log_without_the_source_tree(installed: Path, tmp_path: Path) -> None:
    words = [str(installed), "-I", "-c", FROM_THE_WHEEL, str(tmp_path / "log.db")]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.stderr == ""
    made, migrated, folder = done.stdout.split()
    assert (made, migrated) == ("made", "migrated")
    assert Path(folder).parts[-3:] == ("site-packages", "glucolog", "_migrations")
    assert installed.parents[1] in Path(folder).parents
    assert sorted(file.name for file in Path(folder).iterdir() if file.suffix) == [
        "alembic.ini", "env.py", "script.py.mako",
    ]  # fmt: skip
    assert ddl(tmp_path / "log.db") == ddl(tmp_path / "log.db.migrated")


FROM_THE_WHEEL = """
import sys
import sysconfig
import venv
from pathlib import Path
from glucolog.storage import open_log
from glucolog.storage.engine import open_engine, prepare
from glucolog.storage.migrate import scripts_folder, upgrade
open_log(sys.argv[1], create=True).close()
print("made")
older = Path(sys.argv[1] + ".migrated")
prepare(older, create=True)
upgrade(open_engine(older), older)
open_log(older).close()
print("migrated", scripts_folder())
"""
