"""The storage tests that ask for a log and not for a file, on PostgreSQL: the same tests, another `log`."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest
from glucolog.core.codec import RECORD_KINDS
from glucolog.core.records import Person
from glucolog.storage import Log
from hypothesis import given, settings
from tests.storage import conftest, test_bulk, test_journal, test_log
from tests.storage.places import MakeTarget

LAWS = {
    test_bulk.test_importing_is_idempotent_and_counts_every_row,
    test_journal.test_whatever_is_done_and_undone_the_journal_and_the_rows_agree,
    test_log.test_every_record_comes_back_as_it_was_stored,
}
"""What is tried with many examples on a file, and here with some: the law is the same, PostgreSQL is what is new."""
EXAMPLES = 4
OF_LOGS = {"log", "make_target"}
OF_FILES = {"path", "tmp_path", "monkeypatch", "capfd"}
"""What a test asks for that is about a file."""


def on_server(module: ModuleType) -> dict[str, object]:
    """Return a module's fixtures, and its tests that work on any log, under names of their own."""
    found = {}
    for name, item in vars(module).items():
        if type(item).__name__ == "FixtureFunctionDefinition":
            found[name] = item
        elif name.startswith("test_") and item not in LAWS and _asked(item) & OF_LOGS and not _asked(item) & OF_FILES:
            found[f"{name}_on_postgres"] = item
    return found


def _asked(test: object) -> set[str]:
    return set(inspect.signature(test).parameters)  # type: ignore[arg-type]


make_reading = conftest.make_reading
for _module in (test_log, test_journal, test_bulk):
    globals().update(on_server(_module))


@settings(max_examples=EXAMPLES, deadline=None)
@given(files=test_bulk.FILES)
def test_importing_is_idempotent_and_counts_every_row(files: test_bulk.Files, make_target: MakeTarget) -> None:
    test_bulk.importing_is_idempotent(files, make_target())


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps=test_journal.STEPS)
def test_the_journal_and_the_rows_agree(steps: list[str], make_target: MakeTarget) -> None:
    test_journal.journal_and_rows_agree(steps, make_target())


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_every_record_comes_back_as_it_was_stored(kind: str, log: Log, ada: Person) -> None:
    test_log.every_record_comes_back(kind, log, ada, examples=EXAMPLES)
