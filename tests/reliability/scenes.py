"""The pieces of work that are killed: the command line, imports, migrations, copies, and the web server."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sys
import threading
import traceback
import urllib.parse
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import alembic.command
import keyring
from glucolog.cli.app import run
from glucolog.storage import crypto
from glucolog.storage.engine import connect, open_engine
from glucolog.storage.log import open_log
from glucolog.storage.migrate import alembic_config, in_transaction
from glucolog.web import app as web_app
from glucolog.web import server as web_server
from tests.reliability.fake_keyring import FileKeyring
from tests.reliability.kills import LOG, Ack, Scene, Work, command, need, stored

__all__ = ["SCENES", "web_app", "web_server"]

WRITES = 4
"""Changes in one piece of work on the command line."""
IMPORTED = 2000
CSV = "sensor.csv"
COPY = "copy.db"
PORT_TRIES_S = 10
GONE = "Balthasar-Melchior"


def uid(number: object) -> str:
    """Return the id that a change always has, so that doing it again is told as such."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


def prepare(folder: Path) -> None:
    """Make a log with a person, some sessions and a sensor's readings."""
    stored(folder, "init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    for number in range(3):
        log_session(folder, f"before {number}", ago_h=30 + number)
    write_csv(folder, IMPORTED)


def write_csv(folder: Path, rows: int) -> None:
    """Write a sensor's readings, one every five minutes of January 2026 and on."""
    lines = (f"2026-01-{1 + n // 288:02}T{n % 288 // 12:02}:{n % 12 * 5:02}:00,{90 + n % 80}" for n in range(rows))
    (folder / CSV).write_text("time,glucose_mg_dl\n" + "\n".join(lines), encoding="utf-8")


def log_session(folder: Path, name: str, ago_h: int) -> None:
    """Log a session by the command line, with two readings and a note that names it."""
    words = ("--before", "142", "--after", "120", "--minutes", "30", "--area", "feet", "--note", name, "--yes")
    stored(folder, "log", *words, "--ago", f"{ago_h}h", "--uid", uid(name))


def bring_in(folder: Path) -> None:
    """Import the sensor's file."""
    stored(folder, "import", str(folder / CSV), "--format", "generic", "--uid", uid("import"))


def rows(folder: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """Return what a query finds in the folder's log."""
    with closing(connect(folder / LOG)) as connection:
        found: list[tuple[object, ...]] = connection.execute(query, values).fetchall()
        return found


def count(folder: Path, query: str, *values: object) -> int:
    """Return the one number that a query finds."""
    return int(str(rows(folder, query, *values)[0][0]))


def _whole_sessions(folder: Path) -> set[str]:
    """Return the names of the sessions that are there with both readings and both areas' rows; each is there once."""
    found = rows(
        folder,
        "SELECT note, (SELECT count(*) FROM session_link WHERE session_id = id),"
        " (SELECT count(*) FROM session_area WHERE session_id = id)"
        " FROM session WHERE deleted_at_s IS NULL AND note IS NOT NULL",
    )
    names = [str(name) for name, _, _ in found]
    need(len(names) == len(set(names)), f"sessions are there twice: {names}")
    need(len({(links, areas) for _, links, areas in found}) == 1, f"a session is there in part: {found}")
    return set(names)


def _log_many(folder: Path, ack: Ack) -> None:
    for number in range(WRITES):
        log_session(folder, f"s{number}", ago_h=2 + number)
        ack(f"s{number}")


def _verify_many(folder: Path, acknowledged: Sequence[str]) -> None:
    there = _whole_sessions(folder)
    need(set(acknowledged) <= there, f"acknowledged and lost: {set(acknowledged) - there}")
    for number in range(WRITES):
        log_session(folder, f"s{number}", ago_h=2 + number)
    need(len(_whole_sessions(folder)) == WRITES + 3, "doing it again doubled or lost a session")


def _shell(folder: Path, ack: Ack) -> None:
    """The program as a shell starts it: most of its life is the interpreter's own start."""
    words = ("log", "--before", "142", "--after", "120", "--minutes", "30", "--area", "feet", "--note", "s0", "--yes")
    environment = {**os.environ, "GLUCOLOG_DB": str(folder / LOG)}
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    os.execve(  # noqa: S606 – the interpreter we run in
        sys.executable,
        [sys.executable, "-m", "glucolog", *words, "--ago", "2h", "--uid", uid("s0")],
        environment,
    )


def _verify_shell(folder: Path, _: Sequence[str]) -> None:
    need(len(_whole_sessions(folder)) in {3, 4}, "a session is there in part")
    log_session(folder, "s0", ago_h=2)
    need(len(_whole_sessions(folder)) == 4, "doing it again doubled or lost the session")


def _import(folder: Path, ack: Ack) -> None:
    bring_in(folder)
    ack("import")


def _verify_import(folder: Path, acknowledged: Sequence[str]) -> None:
    there = count(folder, "SELECT count(*) FROM reading WHERE source = 'cgm'")
    need(there in {0, IMPORTED}, f"an import is there in part: {there} rows")
    need(not acknowledged or there == IMPORTED, "an acknowledged import is lost")
    bring_in(folder)
    need(count(folder, "SELECT count(*) FROM reading WHERE source = 'cgm'") == IMPORTED, "importing again doubled")


def _undo(folder: Path, ack: Ack) -> None:
    for word in ("undo", "redo", "undo"):
        stored(folder, word, "--uid", uid(f"undo {word} {folder}"))
        ack(word)


def _prepare_undo(folder: Path) -> None:
    prepare(folder)
    bring_in(folder)


def _verify_undo(folder: Path, _: Sequence[str]) -> None:
    there = count(folder, "SELECT count(*) FROM reading WHERE source = 'cgm' AND deleted_at_s IS NULL")
    need(there in {0, IMPORTED}, f"an import is undone in part: {there} rows")


def _prepare_old(folder: Path) -> None:
    prepare(folder)
    bring_in(folder)
    make_old(folder / LOG)


def make_old(log: Path) -> None:
    """Take a log's tables back to those of the first version."""
    engine = open_engine(log)
    config = alembic_config()
    with in_transaction(engine) as connection:
        config.attributes["connection"] = connection
        alembic.command.downgrade(config, "0001")
    engine.dispose()


def _migrate(folder: Path, ack: Ack) -> None:
    stored(folder, "db", "upgrade")
    ack("upgrade")


def _verify_migrate(folder: Path, _: Sequence[str]) -> None:
    need(count(folder, "SELECT count(*) FROM trial") == 0, "the migration is there in part")
    need(len(_whole_sessions(folder)) == 3, "the migration lost a session")
    need(list(folder.glob("log-backups/log-*-upgrade.db")), "there was no backup before the migration")


def _backup(folder: Path, ack: Ack) -> None:
    stored(folder, "db", "backup", "-o", str(folder / COPY))
    ack("backup")


def _verify_backup(folder: Path, acknowledged: Sequence[str]) -> None:
    copy = folder / COPY
    need(copy.exists() or not acknowledged, "an acknowledged backup is not there")
    if copy.exists():
        need(command(folder, "--db", str(copy), "db", "check", "--deep") == 0, "a backup is there in part")
    need(command(folder, "db", "backup", "-o", str(folder / "again.db")) == 0, "no backup could be made after")


def _prepare_restore(folder: Path) -> None:
    prepare(folder)
    stored(folder, "db", "backup", "-o", str(folder / COPY))
    bring_in(folder)


def _restore(folder: Path, ack: Ack) -> None:
    stored(folder, "db", "restore", str(folder / COPY), "--yes")
    ack("restore")


def _verify_restore(folder: Path, acknowledged: Sequence[str]) -> None:
    there = count(folder, "SELECT count(*) FROM reading WHERE source = 'cgm'")
    need(there in ({0} if acknowledged else {0, IMPORTED}), f"a restore is there in part: {there} rows")
    need(command(folder, "--db", str(folder / COPY), "db", "check", "--deep") == 0, "the backup itself was harmed")


def _begin(folder: Path, ack: Ack) -> None:
    words = ("--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi", "--uid", uid("init"))
    stored(folder, "init", *words)
    ack("init")


def _begin_again(folder: Path) -> None:
    _begin(folder, lambda _: None)


def _verify_begun(folder: Path, _: Sequence[str]) -> None:
    need(count(folder, "SELECT count(*) FROM person") == 1, "there is not one person")


def _prepare_damaged(folder: Path) -> None:
    _prepare_restore(folder)
    content = (folder / LOG).read_bytes()
    (folder / LOG).write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


def _restore_again(folder: Path) -> None:
    _restore(folder, lambda _: None)


def _verify_replaced(folder: Path, _: Sequence[str]) -> None:
    need(len(_whole_sessions(folder)) == 3, "the backup came back in part")
    aside = [file for file in folder.glob("log-backups/*-damaged.db") if b"\xa5" * 4096 in file.read_bytes()]
    need(aside, "the damaged log was not kept aside")


def _prepare_two(folder: Path) -> None:
    prepare(folder)
    bring_in(folder)
    stored(folder, "person", "add", "--name", GONE, "--unit", "mg/dL", "--tz", "UTC", "--therapy", "mdi")
    stored(folder, "bg", "142", "--person", GONE, "--note", f"of {GONE}")


def _forget(folder: Path, ack: Ack) -> None:
    stored(folder, "person", "forget", GONE, "--backups", "--yes")
    ack("forget")


def _verify_forgotten(folder: Path, _: Sequence[str]) -> None:
    people = count(folder, "SELECT count(*) FROM person WHERE name = ?", GONE)
    notes = count(folder, "SELECT count(*) FROM reading WHERE note = ?", f"of {GONE}")
    need(people == notes, "a person is forgotten in part")
    need(count(folder, "SELECT count(*) FROM reading WHERE source = 'cgm'") == IMPORTED, "another's readings are gone")
    if not people:
        held = [file.name for file in folder.rglob("*.db*") if GONE.encode() in file.read_bytes()]
        need(not held, f"a forgotten person is still in {held}")


def _use_keyring(folder: Path) -> None:
    os.environ["GLUCOLOG_TEST_KEYRING"] = str(folder / "keyring.json")
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]  # keyring's own


def _prepare_plain(folder: Path) -> None:
    _use_keyring(folder)
    prepare(folder)
    bring_in(folder)


def _prepare_encrypted(folder: Path) -> None:
    _prepare_plain(folder)
    stored(folder, "db", "encrypt")


def _convert(word: str) -> Work:
    def work(folder: Path, ack: Ack) -> None:
        _use_keyring(folder)
        stored(folder, "db", word, "--yes")
        ack(word)

    return work


def _verify_converted(*, encrypted: bool) -> Callable[[Path, Sequence[str]], None]:
    def verify(folder: Path, acknowledged: Sequence[str]) -> None:
        _use_keyring(folder)
        need(count(folder, "SELECT count(*) FROM reading WHERE source = 'cgm'") == IMPORTED, "readings were lost")
        need(len(_whole_sessions(folder)) == 3, "sessions were lost")
        if acknowledged:
            need(crypto.is_encrypted(folder / LOG) is encrypted, "the log is not what it was said to be")
            plain = [file for file in folder.glob("log-backups/*.db") if crypto.is_encrypted(file) is not encrypted]
            need(not plain, f"backups are not what they were said to be: {plain}")

    return verify


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _web(folder: Path, ack: Ack) -> None:
    """Serve in this process, and store notes through the browser's door from another one that dies with it."""
    os.environ["GLUCOLOG_DB"] = str(folder / LOG)
    port = free_port()
    read, write = os.pipe()
    os.dup2(write, sys.stdout.fileno())
    sys.stdout = os.fdopen(sys.stdout.fileno(), "w", closefd=False)
    threading.Thread(target=_visit, args=(folder, port, read, ack), daemon=True).start()
    code = run(["serve", "--no-browser", "--port", str(port), "--json"])
    need(code == 0, f"the web server ended with {code}")


def _visit(folder: Path, port: int, told: int, ack: Ack) -> None:
    try:
        _store_notes(folder, port, told, ack)
    except BaseException:
        traceback.print_exc()
        os._exit(1)  # the server would wait for ever for a browser that is gone
    os.kill(os.getpid(), signal.SIGKILL)


def _store_notes(folder: Path, port: int, told: int, ack: Ack) -> None:
    browser = Browser.signed_in(folder, port, told)
    for number in range(WRITES):
        if browser.stores("note", uid(f"n{number}"), {"note": f"n{number}"}):
            ack(f"n{number}")


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser without a screen that is signed in and fills in Ada's forms."""

    port: int
    person: str
    cookie: str

    @classmethod
    def signed_in(cls, folder: Path, port: int, told: int) -> Browser:
        """Pair with the server on a port by the code that it told through a descriptor."""
        code = _pairing_code(told)
        ((found,),) = rows(folder, "SELECT id FROM person WHERE name = 'Ada'")
        cookie = _post(port, "/pair", {"code": code}).getheader("Set-Cookie", "").partition(";")[0]
        return cls(port, str(uuid.UUID(bytes=found)), cookie)  # type: ignore[arg-type]  # as SQLite gives it

    def stores(self, what: str, form_id: str, form: dict[str, str]) -> bool:
        """Send the form of an entry, whose address carries the id of the change; say whether it was stored."""
        address = f"/p/{self.person}/add/{what}?form={form_id}"
        answer = _post(self.port, address, {"person": self.person, **form}, self.cookie)
        return answer.status == http.HTTPStatus.SEE_OTHER


def _pairing_code(told: int) -> str:
    text = ""
    while part := os.read(told, 4096).decode():
        text += part
        with suppress(ValueError):
            return str(json.loads(text)["pairing_code"])
    raise EOFError(f"the web server told no code: {text}")


def _post(port: int, path: str, form: dict[str, str], cookie: str = "") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PORT_TRIES_S)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{port}",
        "Cookie": cookie,
    }
    connection.request("POST", path, urllib.parse.urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    return answer


def _verify_web(folder: Path, acknowledged: Sequence[str]) -> None:
    there = [str(row[0]) for row in rows(folder, "SELECT text FROM note")]
    need(len(there) == len(set(there)), f"notes are there twice: {there}")
    need(set(acknowledged) <= set(there), f"acknowledged and lost: {set(acknowledged) - set(there)}")
    need(len(there) - len(acknowledged) in {0, 1}, "a note is there that was never on its way")
    with open_log(folder / LOG) as log:
        unknown = [name for name in there if log.change_of(uid(name)) is None]
    need(not unknown, f"sent again, these would be stored twice: {unknown}")


SCENES = (
    Scene(name="log", prepare=prepare, work=_log_many, verify=_verify_many),
    Scene(name="import", prepare=prepare, work=_import, verify=_verify_import),
    Scene(name="db upgrade", prepare=_prepare_old, work=_migrate, verify=_verify_migrate),
    Scene(name="db backup", prepare=prepare, work=_backup, verify=_verify_backup),
    Scene(name="db restore", prepare=_prepare_restore, work=_restore, verify=_verify_restore),
    Scene(name="undo and redo", prepare=_prepare_undo, work=_undo, verify=_verify_undo),
    Scene(
        name="db encrypt", prepare=_prepare_plain, work=_convert("encrypt"), verify=_verify_converted(encrypted=True)
    ),
    Scene(
        name="db rekey", prepare=_prepare_encrypted, work=_convert("rekey"), verify=_verify_converted(encrypted=True)
    ),
    Scene(
        name="db decrypt",
        prepare=_prepare_encrypted,
        work=_convert("decrypt"),
        verify=_verify_converted(encrypted=False),
    ),
    Scene(name="person forget", prepare=_prepare_two, work=_forget, verify=_verify_forgotten),
    Scene(name="init", prepare=lambda _: None, work=_begin, again=_begin_again, verify=_verify_begun),
    Scene(
        name="db restore of a damaged log",
        prepare=_prepare_damaged,
        work=_restore,
        again=_restore_again,
        verify=_verify_replaced,
    ),
    Scene(name="serve", prepare=prepare, work=_web, verify=_verify_web),
    Scene(name="log, from a shell", prepare=prepare, work=_shell, verify=_verify_shell),
)
