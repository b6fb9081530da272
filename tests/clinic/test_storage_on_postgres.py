"""The storage tests that ask for a log and not for a file, on PostgreSQL: the same tests, another `log`."""

from __future__ import annotations

import inspect
from types import ModuleType

from tests.storage import conftest, test_bulk, test_journal, test_log

OF_LOGS = {"log", "make_target"}
OF_FILES = {"path", "tmp_path", "monkeypatch", "capfd"}
"""What a test asks for that is about a file."""


def on_server(module: ModuleType) -> dict[str, object]:
    """Return a module's fixtures, and its tests that work on any log, under names of their own."""
    found = {}
    for name, item in vars(module).items():
        if type(item).__name__ == "FixtureFunctionDefinition":
            found[name] = item
        elif name.startswith("test_") and _asked(item) & OF_LOGS and not _asked(item) & OF_FILES:
            found[f"{name}_on_postgres"] = item
    return found


def _asked(test: object) -> set[str]:
    return set(inspect.signature(test).parameters)  # type: ignore[arg-type]


make_reading = conftest.make_reading
for _module in (test_log, test_journal, test_bulk):
    globals().update(on_server(_module))
