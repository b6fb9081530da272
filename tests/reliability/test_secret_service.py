"""The key of an encrypted log in a real Secret Service, and that it is read without waiting for the keyring library."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from glucolog.storage.secret_service import secret_of
from tests.bounds import run_in_time
from tests.conftest import need
from tests.reliability.warm import ROOT

SESSION = 'echo | gnome-keyring-daemon --unlock --components=secrets >&2; exec "$0" -c "$1"'
STORY = """
import os, sys
from glucolog.cli.app import run

def ran(*words):
    assert run(words) == 0, words

ran("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
ran("db", "encrypt", "--json")
for words, has_library in ((("bg", "142"), False), (("db", "rekey", "--json"), True), (("bg", "130"), False)):
    pid = os.fork()
    if not pid:
        for name in [name for name in sys.modules if name.partition(".")[0] == "keyring"]:
            del sys.modules[name]
        from glucolog.storage import crypto
        crypto.holder.held.clear()
        ran(*words)
        os._exit(0 if ("keyring" in sys.modules) is has_library else 9)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, words
print("THE END")
"""


def test_the_key_is_kept_by_the_desktop_and_read_from_it(tmp_path: Path) -> None:
    need(
        shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon"), "gnome-keyring (apt: gnome-keyring)"
    )
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")
    environment = {**dict.fromkeys(names, str(tmp_path)), "PYTHONPATH": str(ROOT), "GLUCOLOG_DB": f"{tmp_path}/log.db"}
    environment["PATH"] = os.environ["PATH"]
    words = ["dbus-run-session", "--", "sh", "-c", SESSION, sys.executable, STORY]
    done = run_in_time(words, environment, tmp_path, 120)
    assert done.stdout.endswith("THE END\n"), done.stderr


@pytest.mark.parametrize("bus", ["no address", "unix:garbage", "tcp:host=localhost,port=9", "unix:path=/nowhere"])
def test_a_bus_that_is_none_has_no_secret(monkeypatch: pytest.MonkeyPatch, bus: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "keyring"]:
        monkeypatch.delitem(sys.modules, name)
    assert secret_of("glucolog", "log-key") is None
