"""Many at once on one log: `python -m tests.reliability.crowd --write`.

Two processes write through the command line's own code and two browsers through the web app, while a fifth imports and
a sixth undoes what it itself wrote. Nothing is lost, doubled or refused.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from glucolog.cli.app import run
from glucolog.storage.check import check
from glucolog.storage.engine import connect
from tests.bounds import PATIENCE_S, end_in_time
from tests.reliability.kills import LOG, need, stored
from tests.reliability.page import write_part
from tests.reliability.scenes import IMPORTED, Browser, bring_in, free_port, prepare, uid, web_app, web_server

__all__ = ["crowd", "web_app", "web_server"]

AT_THE_SHELL, IN_A_BROWSER = 2, 2
WRITERS = AT_THE_SHELL + IN_A_BROWSER
SENT_AGAIN_EVERY = 10


def crowd(folder: Path, writes: int) -> float:
    """Let everyone write at once; return the seconds it took. Raises `KillError` when something is not as it should."""
    prepare(folder)
    stored(folder, "person", "add", "--name", "Ben", "--unit", "mg/dL", "--tz", "UTC", "--therapy", "mdi")
    os.environ["GLUCOLOG_PERSON"] = "Ada"
    with _served(folder, PATIENCE_S + writes) as browser:
        works: list[Callable[[], None]] = [
            *(lambda name=name: _write(folder, name, writes) for name in range(AT_THE_SHELL)),
            *(lambda name=name: _fill_in(browser, name, writes) for name in range(AT_THE_SHELL, WRITERS)),
            lambda: bring_in(folder),
            lambda: _write_and_undo(folder, writes // 5),
        ]
        began = time.perf_counter()
        codes = _all_at_once(works, PATIENCE_S + writes)
        took = time.perf_counter() - began
    need(codes == [0] * (WRITERS + 2), f"somebody was refused: {codes}")
    _look(folder, writes)
    return took


def _write(folder: Path, name: int, writes: int) -> None:
    for number in range(writes):
        stored(folder, "carbs", "add", "10", "--note", f"{name} {number}", "--uid", uid(f"{name} {number}"))


def _fill_in(browser: Browser, name: int, writes: int) -> None:
    """Send forms, some of them twice: as a browser does whose answer was lost on its way."""
    for number in range(writes):
        form = {"grams": "10", "note": f"{name} {number}"}
        for _ in range(2 if number % SENT_AGAIN_EVERY == 0 else 1):
            need(browser.stores("carbs", uid(f"{name} {number}"), form), f"write {number} of {name} was refused")


@contextmanager
def _served(folder: Path, patience_s: int) -> Iterator[Browser]:
    """Serve the folder's log in a process of its own; give a browser that is signed in."""
    port = free_port()
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        os.dup2(write, sys.stdout.fileno())
        sys.stdout = os.fdopen(sys.stdout.fileno(), "w", closefd=False)
        end_in_time(patience_s)
        os._exit(run(["--db", str(folder / LOG), "serve", "--no-browser", "--port", str(port), "--json"]))
    os.close(write)
    try:
        yield Browser.signed_in(folder, port, read)
    finally:
        os.close(read)
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def _write_and_undo(folder: Path, writes: int) -> None:
    for number in range(writes):
        words = ("insulin", "add", "1", "--note", f"undone {number}", "--person", "Ben")
        stored(folder, *words, "--uid", uid(f"u {number}"))
        stored(folder, "undo", "--person", "Ben")


def _all_at_once(works: list[Callable[[], None]], patience_s: int) -> list[int]:
    children = []
    for work in works:
        pid = os.fork()
        if not pid:
            status = 1
            try:
                end_in_time(patience_s)
                work()
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]


def _look(folder: Path, writes: int) -> None:
    with closing(connect(folder / LOG)) as log:
        notes = [row[0] for row in log.execute("SELECT note FROM carbs WHERE deleted_at_s IS NULL")]
        doses = log.execute("SELECT count(*) FROM dose WHERE deleted_at_s IS NULL").fetchone()[0]
        imported = log.execute("SELECT count(*) FROM reading WHERE source = 'cgm'").fetchone()[0]
    expected = sorted(f"{name} {number}" for name in range(WRITERS) for number in range(writes))
    need(sorted(notes) == expected, f"{len(notes)} writes are there, {len(expected)} were made")
    need(doses == 0, f"{doses} undone doses are there")
    need(imported == IMPORTED, f"{imported} imported readings are there")
    report = check(folder / LOG, deep=True)
    need(report.is_sound, f"db check says {report.problems}")


def main() -> None:
    """Run the long form, and write what was measured into the help."""
    options = argparse.ArgumentParser()
    options.add_argument("--writes", type=int, default=500)
    options.add_argument("--write", action="store_true", help="write the numbers into help/reliability.md")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="glucolog-crowd-") as folder:
        took = crowd(Path(folder), asked.writes)
    text = (
        f"{WRITERS} writers stored {asked.writes} entries each on one log, two of them by the command line and two in "
        f"browsers, while another imported {IMPORTED:,} readings and another wrote and undid {asked.writes // 5} doses "
        f"of its own person: {took:.0f} s where it was measured. None was lost, none doubled, none refused, and undo "
        "took back its own alone."
    )
    print(text)
    if asked.write:
        write_part("crowd", text)


if __name__ == "__main__":
    main()
