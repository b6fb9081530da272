"""What the key costs at start-up: `python -m tests.reliability.encryption --write`.

The same command is run by fresh interpreters on a plain log and on encrypted ones, by turns; the medians of their
processor time and the differences are written down. In a session with a Secret Service
(`dbus-run-session -- sh -c 'echo | gnome-keyring-daemon --unlock --components=secrets; …'`) that keeps the key, else a
fake in a file.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
from pathlib import Path
from statistics import median

from tests.reliability.page import write_part
from tests.reliability.program import Program, to_its_end


def measured(folder: Path, runs: int) -> tuple[float, float, float]:
    """Return the median processor seconds of `reading list`: plain, key in a keyring, under a passphrase."""
    times: dict[str, list[float]] = {"plain": [], "keyring": [], "passphrase": []}
    programs = {name: _program(folder, name) for name in times}
    secret = folder / "secret"
    secret.touch(mode=0o600)
    secret.write_text("a long enough passphrase")
    programs["keyring"].ran("db", "encrypt")
    programs["passphrase"].ran("db", "encrypt", "--new-passphrase-file", str(secret))
    for _ in range(runs):
        for name, program in programs.items():
            began = _processor_s()
            with program.start("reading", "list", "--passphrase-file", str(secret)) as process:
                to_its_end(process)
            times[name].append(_processor_s() - began)
    return median(times["plain"]), median(times["keyring"]), median(times["passphrase"])


def _processor_s() -> float:
    """Return the processor time of the children so far: what others do on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def has_secret_service() -> bool:
    """Whether this session has a bus, and so, here, what keeps passwords."""
    return "DBUS_SESSION_BUS_ADDRESS" in os.environ


def _program(folder: Path, name: str) -> Program:
    (folder / name).mkdir()
    keeper = {name: os.environ[name] for name in ("DBUS_SESSION_BUS_ADDRESS",) if has_secret_service()}
    fake = {
        "PYTHON_KEYRING_BACKEND": "tests.reliability.fake_keyring.FileKeyring",
        "GLUCOLOG_TEST_KEYRING": str(folder / name / "keyring.json"),
    }
    program = Program(folder / name, {"PATH": os.environ["PATH"], **(keeper or fake)})
    program.ran("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    program.ran("bg", "142")
    return program


def main() -> None:
    """Measure, and write it into the help."""
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=21)
    options.add_argument("--write", action="store_true", help="write the numbers into help/reliability.md")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="glucolog-key-") as folder:
        plain, keyring, passphrase = measured(Path(folder), asked.runs)
    keeper = "a desktop's Secret Service" if has_secret_service() else "a fake in a file"
    text = (
        f"`reading list`, processor time, medians of {asked.runs} runs: {plain * 1000:.0f} ms on a plain log, "
        f"{(keyring - plain) * 1000:.0f} ms more ({keyring / plain:.2f} times) with the key in a keyring, "
        f"{(passphrase - plain) * 1000:.0f} ms more under a passphrase. The keyring was {keeper}. Every byte of an "
        "encrypted log is checked by its key when it is read; the tests flip bits and search its files, journals and "
        "copies for words of the log."
    )
    print(text)
    if asked.write:
        write_part("encryption", text)


if __name__ == "__main__":
    main()
