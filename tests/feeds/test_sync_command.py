"""`sync` and `watch --source` on the command line: documents, sentences, exit codes, and secrets that never show."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from glucolog.feeds.nightscout_api import iso
from tests.cli.conftest import Shell
from tests.feeds.fake_nightscout import SECRET, FakeNightscout
from tests.feeds.fake_site import FakeSite


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell with a log, and a machine without a keyring."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("GLUCOLOG_DB", str(tmp_path / "log.db"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.delenv("GLUCOLOG_PERSON", raising=False)
    made = Shell(tmp_path, capsys)
    assert made("init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi").code == 0
    return made


@pytest.fixture
def there(nightscout: FakeNightscout, tmp_path: Path) -> tuple[str, ...]:
    """The options that lead to the site, with the secret in a private file."""
    path = tmp_path / "secret"
    path.write_text(SECRET, encoding="utf-8")
    path.chmod(0o600)
    return "--url", nightscout.site.url, "--secret-file", str(path)


def entry(minutes_ago: float, sgv: int = 120) -> dict[str, Any]:
    at_s = int(time.time() - minutes_ago * 60)
    return {"type": "sgv", "sgv": sgv, "date": at_s * 1000, "dateString": iso(at_s), "device": "sim"}


def test_the_document_has_the_keys_of_import_and_its_own(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...]
) -> None:
    nightscout.entries = [entry(5), entry(10)]
    document = shell.json("sync", "nightscout", *there)
    contract = {"batch", "format", "new", "duplicate", "conflict", "rejected", "counts"}
    assert contract | {"source", "since", "pushed"} <= set(document)
    assert (document["source"], document["new"], document["pushed"]) == ("nightscout", 2, None)
    assert shell.json("sync", "nightscout", *there)["batch"] is None


def test_what_changed_at_the_source_is_told_and_counted(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...]
) -> None:
    bolus = {"_id": "a1", "eventType": "Correction Bolus", "created_at": iso(int(time.time()) - 600)}
    nightscout.treatments = [{**bolus, "insulin": 3}]
    shell("sync", "nightscout", *there)
    nightscout.treatments = [{**bolus, "insulin": 2}]
    assert "1 changed at the source and 0 gone there" in shell("sync", "nightscout", *there).out
    nightscout.treatments = [{**bolus, "insulin": 1}]
    document = shell.json("sync", "nightscout", *there)
    assert (document["new"], document["changed"], document["removed"]) == (0, 1, 0)


def test_what_it_brought_is_undone_as_one(shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...]) -> None:
    nightscout.entries = [entry(5), entry(10)]
    shell("sync", "nightscout", *there)
    assert shell("undo").code == 0
    assert shell.json("reading", "list")["readings"] == []


def test_sessions_are_written_on_request_alone(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...]
) -> None:
    shell("log", "--before", "142", "--after", "120", "--minutes", "30", "--ago", "40m")
    shell("sync", "nightscout", *there)
    assert nightscout.treatments == []
    assert shell.json("sync", "nightscout", *there, "--write")["pushed"] == {
        "created": 3, "changed": 0, "removed": 0, "unchanged": 0, "kept_apart": []
    }  # fmt: skip
    assert "3 were there already" in shell("sync", "nightscout", *there, "--write").out


def test_a_massage_that_a_note_speaks_of_is_logged_once_confirmed(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...]
) -> None:
    at = iso(int(time.time() - 7200))
    nightscout.treatments = [{"eventType": "Note", "notes": "massage of the legs, 20 min", "created_at": at}]
    assert shell("sync", "nightscout", *there, "--log-sessions").code == 4
    assert len(shell.json("sync", "nightscout", *there)["offered_sessions"]) == 1
    confirmed = shell.json("sync", "nightscout", *there, "--log-sessions", "--yes")
    assert (len(confirmed["logged_sessions"]), confirmed["offered_sessions"]) == (1, [])
    assert shell.json("session", "list")["sessions"][0]["minutes"] == 20
    assert shell.json("sync", "nightscout", *there)["offered_sessions"] == []


def test_remembered_is_the_address_and_never_the_secret(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(SECRET.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert shell("sync", "nightscout", "--url", nightscout.site.url, "--secret-file", "-", "--remember").code == 0
    held = "".join(path.read_text("utf-8", "replace") for path in shell.folder.rglob("*") if path.suffix == ".json")
    assert nightscout.site.url in held
    assert SECRET not in held
    assert shell("sync", "nightscout", *there[2:]).code == 0


def test_a_network_failure_is_six_with_a_sentence_each(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...]
) -> None:
    nightscout.site.answer = lambda asked: nightscout.answer(asked).__class__(status=401)
    refused = shell("sync", "nightscout", *there, "--json")
    problem = "Nightscout refused the secret or token (401)."
    assert (refused.code, refused.document["error"]["problem"]) == (6, problem)
    assert refused.err.splitlines()[0] == problem
    assert SECRET not in refused.err + refused.out


def test_http_beyond_this_machine_is_four(shell: Shell, there: tuple[str, ...]) -> None:
    ran = shell("sync", "nightscout", "--url", "http://my.site.example", *there[2:])
    assert ran.code == 4
    assert "unencrypted" in ran.err


def test_a_secret_is_never_taken_from_a_flag(shell: Shell) -> None:
    offered = shell("sync", "--help").out
    assert "--secret-file" in offered
    assert not {"--secret ", "--token", "--password"} & set(offered.split())


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nightscout",), 2, "address of your Nightscout"),
        (("dexcom", "--user", "ada"), 2, "No secret for Dexcom Share"),
        (("mars",), 2, "mars"),
        (("dexcom", "--url", "https://my.site.example"), 2, "Dexcom Share takes no --url"),
        (("nightscout", "--patient", "Ada"), 2, "Nightscout takes no --patient"),
    ],
)
def test_what_is_missing_is_said(shell: Shell, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = shell("sync", *arguments)
    assert ran.code == code
    assert said in ran.err


def test_a_watch_without_a_source_takes_nothing_of_one(shell: Shell, tmp_path: Path) -> None:
    for arguments in (("--url", "https://my.site.example"), ("--replay", "x.csv", "--source", "nightscout")):
        ran = shell("watch", *arguments)
        assert ran.code == 2
        assert "source" in ran.err


def test_a_secret_that_is_not_there_cannot_be_kept(shell: Shell, site: FakeSite) -> None:
    ran = shell("sync", "nightscout", "--url", site.url, "--keep-secret")
    assert ran.code == 2
    assert "No secret for Nightscout" in ran.err


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that may be asked at every look; no waiting between them, and Ctrl-C after the fifteenth."""
    looks = iter(range(15))

    def wait(_seconds: float) -> None:
        if next(looks, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr("glucolog.services.live_source.EVERY_S", 0)
    monkeypatch.setattr("glucolog.cli.commands.watching.time", SimpleNamespace(sleep=wait))


def test_a_source_that_comes_back_is_watched_and_stored(
    shell: Shell, nightscout: FakeNightscout, there: tuple[str, ...], quick: None
) -> None:
    """Down at the first looks; then a low comes in, and the watch tells it."""
    answer, looks = nightscout.site.answer, 3

    def come_back(asked: Any) -> Any:
        nightscout.is_down = len(nightscout.site.asked) <= looks
        if len(nightscout.site.asked) == looks + 7:
            nightscout.entries = [*nightscout.entries[:3], entry(0.01, 52)]
        return answer(asked)

    nightscout.entries = [entry(15, 70), entry(10, 64), entry(5, 58)]
    nightscout.site.answer = come_back
    ran = shell("watch", "--source", "nightscout", *there, "--every", "1", "--json")
    assert ran.code == 10, ran.err
    assert "urgent_low" in {json.loads(line)["kind"] for line in ran.out.splitlines()}
    assert ran.err.count("Trying again by itself") == 1
    assert "Nightscout answers again." in ran.err
    assert len(shell.json("reading", "list")["readings"]) == 4


def test_nothing_opens_a_connection_unless_asked(tmp_path: Path) -> None:
    """Every module imported, and every-day commands run, under an audit of the interpreter's own socket events."""
    code = """
import sys, pkgutil, importlib
opened = []
sys.addaudithook(lambda event, args: opened.append((event, args)) if event in EVENTS else None)
EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto", "urllib.Request"}
import glucolog
for module in pkgutil.walk_packages(glucolog.__path__, "glucolog."):
    if "__main__" not in module.name and "_migrations" not in module.name:
        importlib.import_module(module.name)
from glucolog.cli.app import run
run(["init", "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi"])
run(["log", "--before", "142", "--after", "120", "--minutes", "30", "--ago", "40m"])
for command in ("check --glucose 140", "stats", "review", "watch --for 0.01 --every 1", "history"):
    run(command.split())
sys.exit(repr(opened) if opened else 0)
"""
    environment = {**os.environ, "GLUCOLOG_DB": str(tmp_path / "log.db"), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
