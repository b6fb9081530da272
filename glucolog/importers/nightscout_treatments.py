"""A treatment of Nightscout: its insulin, carbs, finger stick and words; the rules stand in `importers.nightscout`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from glucolog.core.records import InsulinKind
from glucolog.core.units import Source, Unit
from glucolog.errors import RefusedError
from glucolog.importers import cells
from glucolog.importers.base import ImportedDose
from glucolog.importers.documents import load_json
from glucolog.importers.gatherer import MAX_UNITS, Gatherer
from glucolog.importers.insulins import kind_of, named

Item = Mapping[str, object]


def text_of(item: Item, key: str) -> str:
    """Return a text or a number as text; empty for anything else."""
    value = item.get(key)
    if type(value) is str:
        return value.strip()
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def take_treatment(number: int, item: Item, at_s: int, gathered: Gatherer) -> None:
    """Take all that a treatment holds; one that holds nothing that is kept is skipped by its event type."""
    kept = [
        _take_insulin(number, item, at_s, gathered),
        _take_carbs(number, item, at_s, gathered),
        _take_finger_stick(number, item, at_s, gathered),
        _take_words(item, at_s, gathered),
    ]
    if not any(kept):
        gathered.skip(cells.shown(text_of(item, "eventType")) or "treatments without an event type")


def _is_empty(text: str) -> bool:
    return text == "" or cells.number(text) == 0


def _take_insulin(number: int, item: Item, at_s: int, gathered: Gatherer) -> bool:
    if injected := _own_dose(item, at_s, gathered.zone) or _injections(item, at_s, gathered.zone):
        gathered.doses += injected
        return True
    if text_of(item, "type").upper() == "PRIMING":
        return False
    at_once, extended, minutes = _parts(item)
    name, kind = named(text_of(item, "insulinType")), _kind(item)
    if at_once:
        gathered.dose_cell(number, at_s, at_once, kind, name=name, by_pump=_is_automatic(item))
    if extended:
        gathered.dose_cell(number, at_s, extended, kind, name=name, by_pump=True, duration_min=minutes)
    return bool(at_once or extended)


def _parts(item: Item) -> tuple[str, str, float | None]:
    """Return the units given at once, and over how many minutes the rest of a combo bolus; empty for none.

    A combo bolus says the whole in `enteredinsulin` and in percent what is given when; `insulin` is only what was given
    at once. One that a pump uses for its temporary basal is none.
    """
    text = text_of(item, "insulin")
    at_once = "" if _is_empty(text) else text
    total = cells.positive(text_of(item, "enteredinsulin") or text_of(item, "enteredInsulin"))
    now, later = (cells.positive(text_of(item, key)) for key in ("splitNow", "splitExt"))
    if total is None or item.get("isEmulatingTempBasal") is True:
        return at_once, "", None
    if now is not None and not at_once:
        at_once = f"{total * now / 100:.6g}"
    return at_once, f"{total * later / 100:.6g}" if later else "", cells.positive(text_of(item, "duration"))


def _kind(item: Item) -> InsulinKind:
    words = next((text for key in ("insulinType", "notes") if named(text := text_of(item, key))), "")
    return kind_of(words) if words else InsulinKind.RAPID


def _is_automatic(item: Item) -> bool:
    return (
        "SMB" in {text_of(item, "eventType"), text_of(item, "type")}
        or item.get("isSMB") is True
        or item.get("automatic") is True
    )


def _own_dose(item: Item, at_s: int, zone: str) -> list[ImportedDose]:
    """Read what our own export says of a dose beside Nightscout's fields: units, how it acts, its name."""
    said = item.get("glucolog")
    if not isinstance(said, dict) or (kind := text_of(said, "kind")) not in set(InsulinKind):
        return []
    units = cells.positive(text_of(said, "units"))
    if units is None or units > MAX_UNITS:
        return []
    name, pump = text_of(said, "name") or None, said.get("by_pump") is True
    return [ImportedDose(at_s, zone, units, InsulinKind(kind), name, by_pump=pump)]


def _injections(item: Item, at_s: int, zone: str) -> list[ImportedDose]:
    """Read xDrip's `insulinInjections`: JSON text of `[{"insulin": "Lantus", "units": 12}]`."""
    value = item.get("insulinInjections")
    if isinstance(value, str):
        try:
            value = load_json(value, "insulinInjections")
        except RefusedError:
            return []
    doses = []
    for injection in value if isinstance(value, list) else []:
        units = cells.positive(str(injection.get("units", ""))) if isinstance(injection, dict) else None
        if units is not None:
            name = str(cast(Item, injection).get("insulin", ""))
            kind = kind_of(name) if named(name) else InsulinKind.UNKNOWN
            doses.append(ImportedDose(at_s, zone, units, kind, name=name or None))
    return doses


def _take_carbs(number: int, item: Item, at_s: int, gathered: Gatherer) -> bool:
    text = text_of(item, "carbs")
    if _is_empty(text):
        return False
    gathered.carbs_cell(number, at_s, text, note=text_of(item, "foodType") or None)
    return True


def _take_finger_stick(number: int, item: Item, at_s: int, gathered: Gatherer) -> bool:
    text = text_of(item, "glucose")
    if _is_empty(text) or not text_of(item, "glucoseType").casefold().startswith("finger"):
        return False
    units = text_of(item, "units").casefold()
    stated = Unit.MMOL_L if units.startswith("mmol") else Unit.MG_DL if units.startswith("mg") else None
    unit = stated or gathered.options.unit
    if unit is None:
        gathered.problem(number, "The finger stick names no unit.")
    else:
        device = text_of(item, "enteredBy") or None
        gathered.reading(number, at_s, cells.glucose(text, unit, Source.METER), Source.METER, unit, device)
    return True


def _take_words(item: Item, at_s: int, gathered: Gatherer) -> bool:
    event, notes = text_of(item, "eventType"), text_of(item, "notes")
    minutes = cells.positive(text_of(item, "duration"))
    if event.casefold() == "exercise":
        gathered.activity(at_s, "exercise", minutes, None, notes)
    elif notes:
        gathered.note(at_s, notes, minutes)
    return bool(notes) or event.casefold() == "exercise"
