"""Accu-Chek: the XML report of a Smart Pix for a meter or a pump, and the CSV of a meter (`accu_chek_table`).

Root `IMPORT` with an `ACSPIX` element; a meter is `DEVICE` (`BGUnit`, `CarbUnit`) with `BGDATA`, a pump is `IP` with
`IPDATA` (tidepool-org/uploader, `drivers/roche/smartpix`).

- `BG Val Dt Tm Flg Evt Carb Ins1 Ins2 Ins3 Ctrl`: a meter reading; `---` is none, `LO` and `HI` are beyond the meter's
  range. `Carb` is in the `CarbUnit` (g, BE, KE, CC of 15 g). The insulins 1 to 3 are the person's own list, so how
  they act is unknown. With `Ctrl` it is control solution: skipped.
- `BOLUS Dt Tm type amount remark`: rapid insulin of the pump. `Ext` has its length in the remark (`1:30 h`), `Mul` the
  part given at once and the part given over a length (`3.0 / 2.0  1:30 h`): two doses. A bolus without a time is the
  total of a day: skipped, as are `BASAL` (rates) and `EVENT` (alarms, cartridges).
Problems count the elements of the file, not its lines. Local stamps to the minute without a zone, newest first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.importers import cells
from glucolog.importers.accu_chek_table import header_of, take_table
from glucolog.importers.base import Confidence, Imported, Options
from glucolog.importers.dates import dated_rows
from glucolog.importers.documents import xml_events
from glucolog.importers.gatherer import Gatherer
from glucolog.importers.source import Head, SourceFile

NAME = "accu-chek"
LABEL = "Accu-Chek"

_DATA = frozenset({"BG", "BOLUS", "BASAL", "EVENT"})
_GRAMS = {"cc": 15.0}
_LENGTH = re.compile(r"\b([0-9]{1,2}):([0-9]{2})\s*h")
_BOTH = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*/\s*([0-9]+(?:[.,][0-9]+)?)\s")
_NO_VALUE = frozenset({"", "---"})


class _Element(NamedTuple):
    """An element of data with what its device said before it."""

    tag: str
    cells: dict[str, str]
    unit: Unit | None
    grams_each: float
    device: str | None


def sniff(head: Head) -> Confidence:
    """Sure when the XML has the root and one of the parts of a Smart Pix report, or by the meter's table."""
    if "<IMPORT" not in head.text or not head.text.lstrip().startswith("<"):
        return Confidence.SURE if header_of(head.rows) else Confidence.NO
    known = any(f"<{tag}" in head.text for tag in ("ACSPIX", "BGDATA", "IPDATA"))
    return Confidence.SURE if known else Confidence.NO


def read(source: SourceFile, options: Options) -> Imported:
    """Read the file; a reading whose device names no unit takes the one of the options, or is a problem."""
    gathered = Gatherer(NAME, options)
    if source.head().text.lstrip()[:1] == "<":
        _take_report(source, gathered)
    else:
        take_table(source.text(), source.name, gathered)
    return gathered.imported()


def _take_report(source: SourceFile, gathered: Gatherer) -> None:
    elements = _elements(source)
    timed = [(number, element) for number, element in elements if element.cells.get("Tm", "").strip()]
    gathered.skip("daily totals", len(elements) - len(timed))
    numbers, rows = [number for number, _ in timed], [element for _, element in timed]
    stamps = [f"{row.cells.get('Dt', '').strip()} {row.cells['Tm'].strip()}" for row in rows]
    for line, element, at_s in dated_rows(gathered, numbers, rows, stamps, [row.tag for row in rows]):
        _take(line, element, at_s, gathered)


def _elements(source: SourceFile) -> list[tuple[int, _Element]]:
    found: list[tuple[int, _Element]] = []
    unit, grams_each, device = None, 1.0, None
    with source.open() as stream:
        for tag, cells_of in xml_events(stream, source.name):
            if cells_of is None:
                continue
            if tag in {"DEVICE", "IP"}:
                unit, grams_each = cells.unit_in(cells_of.get("BGUnit", "")), _grams_each(cells_of.get("CarbUnit", ""))
                device = cells_of.get("Name", "").strip() or None
            elif tag in _DATA:
                found.append((len(found) + 1, _Element(tag, cells_of, unit, grams_each, device)))
    return found


def _grams_each(unit: str) -> float:
    return _GRAMS.get(unit.strip().casefold(), cells.grams_per(unit))


def _take(line: int, element: _Element, at_s: int, gathered: Gatherer) -> None:
    if element.tag == "BG":
        _take_meter(line, element, at_s, gathered)
    elif element.tag == "BOLUS":
        _take_bolus(line, element.cells, at_s, gathered)
    else:
        gathered.skip("basal rates" if element.tag == "BASAL" else "pump events")


def _take_meter(line: int, element: _Element, at_s: int, gathered: Gatherer) -> None:
    value = element.cells.get("Val", "").strip()
    if element.cells.get("Ctrl", "").strip():
        gathered.skip("control solution")
    elif value not in _NO_VALUE:
        _take_reading(line, value, element, at_s, gathered)
    extras = [text for name in ("Carb", "Ins1", "Ins2", "Ins3") if (text := _given(element, name))]
    if not extras and value in _NO_VALUE:
        gathered.skip("entries without a value")
    if carbs := _given(element, "Carb"):
        gathered.carbs_cell(line, at_s, carbs, element.grams_each)
    for number in (1, 2, 3):
        if units := _given(element, f"Ins{number}"):
            gathered.dose_cell(line, at_s, units, InsulinKind.UNKNOWN, name=f"insulin {number}")


def _given(element: _Element, name: str) -> str:
    text = element.cells.get(name, "").strip()
    return "" if text in _NO_VALUE else text


def _take_reading(line: int, value: str, element: _Element, at_s: int, gathered: Gatherer) -> None:
    unit = element.unit or gathered.options.unit
    if unit is None:
        gathered.problem(line, "The meter names no unit.")
    else:
        amount = cells.glucose(value, unit, Source.METER)
        gathered.reading(line, at_s, amount, Source.METER, unit, element.device)


def _take_bolus(line: int, bolus: dict[str, str], at_s: int, gathered: Gatherer) -> None:
    remark = bolus.get("remark", "")
    length = _LENGTH.search(remark)
    minutes = int(length[1]) * 60.0 + int(length[2]) if length else None
    both = _BOTH.match(f"{remark} ") if bolus.get("type") == "Mul" else None
    if both is not None:
        gathered.dose_cell(line, at_s, both[1], InsulinKind.RAPID, by_pump=True)
        gathered.dose_cell(line, at_s, both[2], InsulinKind.RAPID, by_pump=True, duration_min=minutes)
    else:
        gathered.dose_cell(line, at_s, bolus.get("amount", ""), InsulinKind.RAPID, by_pump=True, duration_min=minutes)
