"""The shape of glucolog's own JSON export: written by the reports, read by the importers.

    {"glucolog": "export", "version": 1, "persons": [...], "readings": [...], "sessions": [...], ...}

Each list holds records in the plain form of `codec`; a list that is left out is empty. Who refers to whom is by id, as
in the log: an export imported into an empty log gives an equal log.
"""

from __future__ import annotations

MARK_KEY = "glucolog"
MARK = "export"
VERSION_KEY = "version"
VERSION = 1
"""Raised when an older glucolog could misread a file; a newer one reads all versions up to its own."""

LISTS: dict[str, str] = {
    "persons": "person",
    "import_batches": "import_batch",
    "readings": "reading",
    "doses": "dose",
    "carbs": "carbs",
    "activities": "activity",
    "notes": "note",
    "sessions": "session",
    "symptoms": "symptom",
    "foot_checks": "foot_check",
    "trials": "trial",
}
"""The lists of the file and the kind of record (`codec.RECORD_KINDS`) in each; what is referred to comes first."""
