"""glucolog's own JSON: everything, without loss. Imported into an empty log it gives an equal log.

One record a line, so that two exports can be compared line by line. Its shape is `export-1.schema.json` beside this
module, a JSON Schema (2020-12) of the file's version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from heapq import merge
from importlib.resources import files
from itertools import chain

from glucolog.core.codec import to_plain
from glucolog.core.exchange import LISTS, MARK, MARK_KEY, VERSION, VERSION_KEY
from glucolog.core.records import Reading, Record
from glucolog.reports.exports.records import ExportRecords
from glucolog.reports.exports.text import chunked


def own_json(*people: ExportRecords) -> Iterator[bytes]:
    """Yield the export of one or more people: the lists of `core.exchange`, records in the codec's plain form."""
    return chunked(_lines(people))


def schema() -> str:
    """Return the JSON Schema of the version that is written."""
    return (files("glucolog.reports.exports") / f"export-{VERSION}.schema.json").read_text(encoding="utf-8")


def _lines(people: Sequence[ExportRecords]) -> Iterator[str]:
    yield f'{{"{MARK_KEY}":"{MARK}","{VERSION_KEY}":{VERSION}'
    for name, kind in LISTS.items():
        yield f',\n"{name}":['
        for number, record in enumerate(chain.from_iterable(_of(records, kind) for records in people)):
            text = json.dumps(to_plain(record), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            yield f",\n{text}" if number else f"\n{text}"
        yield "]"
    yield "}\n"


def _of(records: ExportRecords, kind: str) -> Sequence[Record]:
    by_kind: dict[str, Sequence[Record]] = {
        "person": (records.person,),
        "import_batch": records.batches,
        "reading": _all_readings(records),
        "dose": records.doses,
        "carbs": records.carbs,
        "activity": records.activities,
        "note": records.notes,
        "session": records.sessions,
        "symptom": records.symptoms,
        "foot_check": records.foot_checks,
        "trial": records.trials,
    }
    return by_kind[kind]


def _all_readings(records: ExportRecords) -> tuple[Reading, ...]:
    return tuple(merge(records.readings, records.unused_readings, key=_place))


def _place(reading: Reading) -> tuple[int, str]:
    return reading.at.epoch_s, reading.id
