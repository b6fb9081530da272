"""An encrypted log: no plain byte of it anywhere, and a wrong key told from a plain file and from damage."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import keyring
import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Note
from glucolog.services import encryption
from glucolog.storage import crypto, new_id, open_log
from tests.reliability.fake_keyring import FileKeyring
from tests.reliability.kills import killed, stored
from tests.reliability.program import Program, to_its_end
from tests.reliability.warm import ROOT

PRIVATE_NOTE = "a-note-nobody-else-should-read"
NAME = "Wilhelmina-Theodora"
"""As long as the note: bytes under a key hold three given letters by chance."""
FIRST, SECOND = "a first long passphrase", "a second long passphrase"
USAGE, REFUSED, DATABASE_PROBLEM = 2, 4, 5
NOON = Moment(1_774_785_600, "Europe/Berlin")


@pytest.fixture
def locked(tmp_path: Path) -> Program:
    """A log with a secret in it, encrypted, its key in a keyring."""
    program = Program(
        tmp_path,
        {
            "PATH": os.environ["PATH"],
            "PYTHON_KEYRING_BACKEND": "tests.reliability.fake_keyring.FileKeyring",
            "GLUCOLOG_TEST_KEYRING": str(tmp_path / "keyring.json"),
        },
    )
    program.ran("init", "--name", NAME, "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    program.ran("bg", "142", "--note", PRIVATE_NOTE)
    program.ran("bg", "120")
    return program


def passphrase(program: Program, text: str) -> str:
    """Write a passphrase into a private file and return its name."""
    file = program.folder / f"{text.split()[1]}.passphrase"
    file.touch(mode=0o600)
    file.write_text(f"{text}\n")
    return str(file)


@contextmanager
def cheap_passphrases(program: Program) -> Iterator[None]:
    """Let commands of this process wrap keys at little cost; the envelope says itself how it was done."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "GLUCOLOG_DB"):
            patched.setenv(name, str(program.folder))
        patched.setattr(crypto, "_SCRYPT", {"n": 2**10, "r": 8, "p": 1})
        patched.setattr(crypto.holder, "held", {})
        yield


def files_with(program: Program, *needles: str) -> list[str]:
    """Return the files of the machine that hold any of the words, in UTF-8 or UTF-16."""
    wanted = [word.encode(code) for word in needles for code in ("utf-8", "utf-16-le")]
    files = (file for file in program.folder.rglob("*") if file.is_file() and file.name != "keyring.json")
    return [file.name for file in files if any(word in file.read_bytes() for word in wanted)]


def test_the_search_finds_the_secret_in_a_plain_log(locked: Program) -> None:
    assert "log.db" in files_with(locked, PRIVATE_NOTE)
    assert "log.db" in files_with(locked, NAME)


def test_nothing_of_the_log_is_left_in_the_plain(locked: Program) -> None:
    document = locked.json("db", "encrypt")
    assert document["left"] == []
    locked.ran("bg", "130", "--note", PRIVATE_NOTE)
    locked.ran("undo")
    locked.ran("db", "backup", "-o", str(locked.folder / "copy.db"))
    assert files_with(locked, PRIVATE_NOTE, NAME) == []
    assert [item["note"] for item in locked.json("reading", "list")["readings"]] == [None, PRIVATE_NOTE]
    assert locked.json("db", "check", "--deep")["sound"]
    assert {file.stat().st_mode & 0o777 for file in locked.log.parent.rglob("*.db")} == {0o600}


def test_the_rollback_journal_and_the_temporary_files_are_under_the_key_too(locked: Program) -> None:
    locked.ran("db", "encrypt")
    rows = "\n".join(f"2026-01-{1 + n // 288:02}T{n % 288 // 12:02}:{n % 12 * 5:02}:00,120" for n in range(3000))
    csv = locked.folder / "sensor.csv"
    csv.write_text(f"time,glucose_mg_dl\n{rows}", encoding="utf-8")
    seen = set()
    with locked.start("import", str(csv), "--format", "generic") as process:
        while process.poll() is None:
            for file in locked.log.parent.rglob("*-journal"):
                with suppress(FileNotFoundError):
                    content = file.read_bytes()
                    seen.add(file.name)
                    assert NAME.encode() not in content
                    assert PRIVATE_NOTE.encode() not in content
        to_its_end(process)
    assert process.returncode == 0
    assert any(name.endswith("-journal") for name in seen)


def test_a_plain_journal_kept_aside_is_named(locked: Program) -> None:
    locked.backups.mkdir(exist_ok=True)
    aside = locked.backups / "log-20260101T000000Z-damaged.db-journal"
    aside.write_bytes(PRIVATE_NOTE.encode())
    assert locked.json("db", "encrypt")["left"] == [str(aside)]


def test_the_key_and_its_words_open_it_and_no_others(locked: Program) -> None:
    words = locked.json("db", "encrypt")["recovery_words"]
    assert len(words.split()) == 24
    (locked.folder / "keyring.json").unlink()
    done = locked.run("bg", "101")
    assert (done.returncode, "is encrypted, and neither the keyring nor" in done.stderr) == (DATABASE_PROBLEM, True)
    done = locked.run("bg", "101", "--passphrase-file", passphrase(locked, FIRST))
    assert (done.returncode, "log.key" in done.stderr) == (DATABASE_PROBLEM, True)
    paper = locked.folder / "paper"
    paper.touch(mode=0o600)
    paper.write_text(words)
    locked.ran("bg", "101", "--passphrase-file", str(paper))
    locked.ran("db", "rekey", "--passphrase-file", str(paper))
    locked.ran("bg", "102")


def test_the_passphrase_of_an_encrypted_log_is_not_taken_for_a_new_one(locked: Program) -> None:
    done = locked.run("db", "encrypt", "--passphrase-file", passphrase(locked, FIRST))
    assert (done.returncode, "name it with --new-passphrase-file" in done.stderr) == (USAGE, True)
    locked.ran("bg", "101")


def test_a_passphrase_is_given_by_file_or_descriptor_and_changed(locked: Program) -> None:
    locked.ran("db", "encrypt", "--passphrase", "--new-passphrase-file", passphrase(locked, FIRST))
    assert locked.run("bg", "101").returncode == DATABASE_PROBLEM
    read, write = os.pipe()
    os.write(write, f"{FIRST}\n".encode())
    os.close(write)
    locked.ran("bg", "101", "--passphrase-file", f"/dev/fd/{read}", pass_fds=(read,))
    os.close(read)
    both = ("--passphrase-file", passphrase(locked, FIRST), "--new-passphrase-file", passphrase(locked, SECOND))
    locked.ran("db", "rekey", "--passphrase", *both)
    assert locked.run("bg", "101", "--passphrase-file", passphrase(locked, FIRST)).returncode == DATABASE_PROBLEM
    locked.ran("bg", "102", "--passphrase-file", passphrase(locked, SECOND))


def test_a_change_of_the_passphrase_that_was_killed_half_way_is_done_again(
    locked: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = ("--passphrase-file", passphrase(locked, FIRST), "--new-passphrase-file", passphrase(locked, SECOND))
    words = ("db", "rekey", *both)

    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with cheap_passphrases(locked), monkeypatch.context() as patched:
        stored(locked.log.parent, "db", "encrypt", "--new-passphrase-file", passphrase(locked, FIRST))
        patched.setattr(encryption, "convert", die)  # the copies are under the new key then, the log is not
        assert killed(lambda _: stored(locked.log.parent, *words), None).met
    assert json.loads(locked.ran(*words, "--json"))["left"] == []
    for file in (locked.log, *locked.backups.iterdir()):
        locked.ran("--db", str(file), "reading", "list", "--passphrase-file", passphrase(locked, SECOND))


def test_a_passphrase_file_that_others_can_read_and_a_short_one_are_refused(locked: Program) -> None:
    file = Path(passphrase(locked, "too short"))
    assert locked.run("db", "encrypt", "--new-passphrase-file", str(file)).returncode == REFUSED
    file.chmod(0o644)
    assert locked.run("db", "encrypt", "--new-passphrase-file", str(file)).returncode == REFUSED
    assert not crypto.is_encrypted(locked.log)


def test_a_copy_elsewhere_is_opened_by_its_own_passphrase(locked: Program) -> None:
    secret = passphrase(locked, FIRST)
    locked.ran("db", "encrypt", "--new-passphrase-file", secret)
    elsewhere = locked.folder / "elsewhere"
    elsewhere.mkdir()
    copy = str(elsewhere / "copy.db")
    locked.ran("db", "backup", "-o", copy, "--passphrase-file", secret)
    locked.ran("--db", copy, "reading", "list", "--passphrase-file", secret)
    for file in locked.log.parent.glob("log.*"):
        file.unlink()
    locked.ran("db", "restore", copy, "--yes", "--passphrase-file", secret)
    locked.ran("bg", "101", "--passphrase-file", secret)


def test_backups_of_before_and_after_are_restored_under_the_present_key(locked: Program) -> None:
    plain, old, copies = str(locked.folder / "plain.db"), str(locked.folder / "old.db"), []
    locked.ran("db", "backup", "-o", plain)
    locked.ran("db", "encrypt")
    locked.ran("db", "backup", "-o", old)
    locked.ran("bg", "101")
    locked.ran("db", "rekey")
    for copy in (plain, old):
        locked.ran("db", "restore", copy, "--yes")
        copies.append(len(locked.json("reading", "list")["readings"]))
        assert crypto.is_encrypted(locked.log)
        assert locked.json("db", "check", "--deep")["sound"]
    assert copies == [2, 2]


def test_copies_of_an_encrypted_log_are_encrypted_also_those_of_before(locked: Program) -> None:
    locked.ran("db", "backup")
    locked.ran("db", "encrypt")
    copy = str(locked.folder / "moved.db")
    locked.ran("db", "copy", str(locked.log), copy)
    assert files_with(locked, PRIVATE_NOTE, NAME) == []
    for file in (copy, *map(str, locked.log.parent.glob("log-[0-9]*.db"))):
        assert len(locked.json("--db", file, "reading", "list")["readings"]) == 2
    locked.ran("doctor")


def test_a_copy_of_an_encrypted_log_that_may_not_grow_is_refused_in_words(locked: Program) -> None:
    locked.ran("db", "encrypt")
    copy, most = locked.folder / "copy.db", locked.log.stat().st_size // 2

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = locked.run("db", "backup", "-o", str(copy), preexec_fn=limit)
    assert (done.returncode, len(done.stderr.splitlines())) == (DATABASE_PROBLEM, 2), done.stderr
    assert "could not be read or written" in done.stderr
    assert not copy.exists()


def test_a_damaged_encrypted_log_stays_encrypted_when_a_plain_backup_takes_its_place(locked: Program) -> None:
    plain = locked.folder / "plain.db"
    locked.ran("db", "backup", "-o", str(plain))
    locked.ran("db", "encrypt")
    flip(locked.log, 5000)
    locked.ran("db", "restore", str(plain), "--yes")
    plain.unlink()
    assert files_with(locked, PRIVATE_NOTE, NAME) == []
    assert len(locked.json("reading", "list")["readings"]) == 2


def test_a_lost_encrypted_log_comes_back_encrypted(locked: Program) -> None:
    locked.ran("db", "encrypt")
    locked.log.write_text("no log at all " * 100)
    locked.ran("db", "restore", "--yes")
    assert files_with(locked, PRIVATE_NOTE, NAME) == []


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 1
    path.write_bytes(content)


NEEDS_THE_KEY = [
    ("db", "info"), ("db", "upgrade"), ("db", "check"), ("db", "backup"), ("db", "restore", "--yes"), ("db", "rekey"),
    ("db", "salvage", "saved.db"), ("db", "decrypt", "--yes"), ("db", "copy", "log/log.db", "copy.db"), ("bg", "101"),
]  # fmt: skip


@pytest.mark.parametrize("words", NEEDS_THE_KEY, ids=" ".join)
def test_a_missing_and_a_wrong_key_are_told_from_damage_by_every_command(
    under_passphrase: Program, words: tuple[str, ...]
) -> None:
    program, before = under_passphrase, under_passphrase.log.read_bytes()
    for more, said in (
        ((), "neither the keyring nor anybody gave its key"),
        (("--passphrase-file", passphrase(program, SECOND)), "That does not open"),
    ):
        done = program.run(*words, *more)
        assert (done.returncode, said in done.stderr) == (DATABASE_PROBLEM, True), done.stderr
        assert "damaged" not in done.stderr + done.stdout
    assert program.log.read_bytes() == before
    assert list(program.folder.glob("*.db")) == []


@pytest.fixture(scope="module")
def under_passphrase(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """An encrypted log whose key lies under a passphrase; no command of its tests changes it."""
    program = Program(tmp_path_factory.mktemp("passphrase"), {"PATH": os.environ["PATH"]})
    program.ran("init", "--name", NAME, "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi")
    program.ran("bg", "142")
    program.ran("bg", "120")
    with cheap_passphrases(program):
        stored(program.log.parent, "db", "encrypt", "--new-passphrase-file", passphrase(program, FIRST))
    return program


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("{", "", "log.key is damaged"),
        ('"salt"', '"sal"', "log.key is damaged"),
        ("1024", "1025", "log.key is damaged"),
        ('"box": "', '"box": "zz', "log.key is damaged"),
        ('"keys"', '"other"', "log.key is damaged"),
        ('"keys": {', '"keys": {}, "more": {', "is not there or not its own"),
    ],
)
def test_wrapped_keys_that_are_damaged_or_gone_are_told_in_words(
    under_passphrase: Program, was: str, now: str, said: str
) -> None:
    envelope = under_passphrase.log.with_name("log.key")
    whole = envelope.read_text()
    assert was in whole
    envelope.write_text(whole.replace(was, now, 1))
    done = under_passphrase.run("bg", "101", "--passphrase-file", passphrase(under_passphrase, FIRST))
    envelope.write_text(whole)
    assert (done.returncode, len(done.stderr.splitlines())) == (DATABASE_PROBLEM, 2), done.stderr
    assert said in done.stderr


def test_what_is_no_key_in_the_keyring_opens_nothing(locked: Program) -> None:
    locked.ran("db", "encrypt")
    keys = locked.folder / "keyring.json"
    ((name, key),) = json.loads(keys.read_text()).items()
    for other in (f"zz{key[2:]}", "00" * 32, key[:-2]):
        keys.write_text(json.dumps({name: other}))
        done = locked.run("bg", "101")
        assert (done.returncode, "neither the keyring" in done.stderr) == (DATABASE_PROBLEM, True)


@pytest.mark.parametrize("offset", [16, 60, 4095, 5000, -1, -3000])
def test_one_flipped_bit_is_damage_not_a_wrong_key(locked: Program, offset: int) -> None:
    locked.ran("db", "encrypt")
    flip(locked.log, offset)
    found = locked.json("db", "check", code=DATABASE_PROBLEM)
    assert found["sound"] is False
    done = locked.run("db", "backup", "-o", str(locked.folder / "copy.db"))
    assert done.returncode == DATABASE_PROBLEM
    assert "is damaged" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    locked.ran("db", "restore", "--yes")
    assert locked.json("db", "check", "--deep")["sound"]


def test_a_machine_without_a_keyring_is_told_in_a_sentence(locked: Program) -> None:
    headless = Program(locked.folder, {**locked.environment, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"})
    done = headless.run("db", "encrypt")
    assert done.returncode == REFUSED
    assert "keyring can't be used: nothing that keeps passwords runs here." in done.stderr
    assert "--passphrase" in done.stderr
    assert not crypto.is_encrypted(headless.log)


def test_plain_again_it_is_what_it_was(locked: Program) -> None:
    before = locked.json("reading", "list")
    locked.ran("db", "encrypt")
    assert locked.run("db", "decrypt").returncode == REFUSED
    locked.ran("db", "decrypt", "--yes")
    assert locked.json("reading", "list") == before
    assert not any(crypto.is_encrypted(file) for file in locked.log.parent.rglob("*.db"))
    assert locked.run("db", "rekey").returncode == REFUSED


def test_no_option_takes_a_passphrase_itself() -> None:
    text = (ROOT / "glucolog/help/commands.md").read_text("utf-8")
    assert set(re.findall(r"`--[a-z-]*passphrase[a-z-]*[^`]*`", text)) <= {
        "`--passphrase`", "`--passphrase-file FILE`", "`--new-passphrase-file FILE`",
    }  # fmt: skip


def test_a_log_that_is_open_while_it_is_encrypted_goes_on_in_the_new_file(
    locked: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLUCOLOG_TEST_KEYRING", str(locked.folder / "keyring.json"))
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]  # keyring's own
    with open_log(locked.log) as log:
        (person,) = log.people()
        locked.ran("db", "encrypt")
        with log.write(uid=new_id(), summary="add note", person_id=person.id, at=NOON) as writer:
            writer.add(Note(id=new_id(), person_id=person.id, at=NOON, text=PRIVATE_NOTE))
        assert len(log.notes(person.id)) == 1
    assert crypto.is_encrypted(locked.log)
    assert files_with(locked, PRIVATE_NOTE) == []
    with open_log(locked.log) as log:
        assert [note.text for note in log.notes(person.id)] == [PRIVATE_NOTE]
    assert locked.json("db", "check", "--deep")["sound"]
