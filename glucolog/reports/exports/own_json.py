"""glucolog's own JSON: everything, without loss. Imported into an empty log it gives an equal log."""

from __future__ import annotations

import json
from collections.abc import Sequence

from glucolog.core.codec import to_plain
from glucolog.core.exchange import LISTS, MARK, MARK_KEY, VERSION, VERSION_KEY
from glucolog.core.records import Record
from glucolog.reports.exports.records import ExportRecords


def own_json(records: ExportRecords) -> bytes:
    """Return the export of one person: the lists of `core.exchange`, each record in the codec's plain form."""
    lists = {name: [to_plain(record) for record in _of(records, kind)] for name, kind in LISTS.items()}
    document = {MARK_KEY: MARK, VERSION_KEY: VERSION, **lists}
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _of(records: ExportRecords, kind: str) -> Sequence[Record]:
    by_kind: dict[str, Sequence[Record]] = {
        "person": (records.person,),
        "import_batch": records.batches,
        "reading": records.readings,
        "dose": records.doses,
        "carbs": records.carbs,
        "activity": records.activities,
        "note": records.notes,
        "session": records.sessions,
        "symptom": records.symptoms,
        "foot_check": records.foot_checks,
    }
    return by_kind[kind]
