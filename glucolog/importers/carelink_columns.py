"""CareLink's columns: found by their names, in the languages its exports are written in, anew in each section."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glucolog.core.units import Unit
from glucolog.importers import cells

INDEX = frozenset({"index", "indice", "índice", "indeks", "indeksi"})
_SENSOR = re.compile(r"^(?=.*(sens|capteur))(?=.*gl[uy])(?!.*[ck]alib|.*étalon)|^sg\b", re.IGNORECASE)
_DELIVERED = re.compile(
    r"^(?=.*bol[ou])(?=.*(deliver|abgegeb|administr|délivr|entreg|erogat|toegedien|afgegev|leveret|levererad))"
    r"(?!.*(prime|füll|durat|dauer|durée))",
    re.IGNORECASE,
)
_BOLUS_TYPE = re.compile(r"^bolus ?(typ|art)|^(type|tipo)\b.*bol", re.IGNORECASE)
_NOT_A_STICK = re.compile(r"[ck]alib|étalon|bwz|expert|assist|target|ziel|cible|objetivo|obiettivo|sens", re.IGNORECASE)
_DURATION = re.compile(r"^(?=.*bol[ou])(?=.*(durat|dauer|durée|durac|durata|duur|varighed))", re.IGNORECASE)
_CARBS = re.compile(
    r"(carb|kh-eingabe|kohlenhydrat|glucid|hidrato|carboidr|koolhydr|kulhydr|kolhydr)(?!.*(ratio|fa[ck]to|rapport|verh))",
    re.IGNORECASE,
)
_MARKER = re.compile(r"event ?mark|ereignismark|marqueur|marcador|marcatore|gebeurtenis|hændelse", re.IGNORECASE)
_EXERCISE = re.compile(r"^(exercise|sport|bewegung|exercice|ejercicio|esercizio)$", re.IGNORECASE)
_LOGBOOK = re.compile(r"^(meal|medication|other|mahlzeit|medikation|sonstige)$", re.IGNORECASE)
_RAW_TYPE = re.compile(r"^(raw-type|roh-typ)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """The columns of one table, by index; None where the device has no such column."""

    number: int
    header: list[str]
    is_daily: bool
    """Whether its rows are totals of a day."""
    unit: Unit
    sensor: int | None
    meter: int | None
    bolus: int | None
    bolus_type: int | None
    duration: int | None
    carbs: int | None
    grams_each: float
    marker: int | None
    exercise: int | None
    logbook: tuple[int, ...]
    raw_type: int | None
    others: tuple[int, ...]
    """All columns but the sensor's that hold something that is kept."""


def is_section_header(row: list[str]) -> bool:
    """Whether a row begins a table."""
    return len(row) >= 5 and row[0].casefold() in INDEX


def section_of(number: int, header: list[str], *, is_daily: bool) -> Section:
    """Return where the columns of a header stand."""
    with_unit = [index for index, cell in enumerate(header) if cells.unit_in(cell)]
    sensor = next((index for index in with_unit if _SENSOR.search(header[index])), None)
    meter = next((index for index in with_unit if index != sensor and not _NOT_A_STICK.search(header[index])), None)
    carbs, bolus, marker, exercise = (_first(pattern, header) for pattern in (_CARBS, _DELIVERED, _MARKER, _EXERCISE))
    logbook = tuple(index for index, cell in enumerate(header) if _LOGBOOK.match(cell))
    return Section(
        number=number,
        header=header,
        is_daily=is_daily,
        unit=cells.unit_in(header[with_unit[0]]) or Unit.MG_DL if with_unit else Unit.MG_DL,
        sensor=sensor,
        meter=meter,
        bolus=bolus,
        bolus_type=_first(_BOLUS_TYPE, header),
        duration=_first(_DURATION, header),
        carbs=carbs,
        grams_each=cells.grams_per(header[carbs]) if carbs is not None else 1,
        marker=marker,
        exercise=exercise,
        logbook=logbook,
        raw_type=_first(_RAW_TYPE, header),
        others=tuple(column for column in (meter, bolus, carbs, marker, exercise, *logbook) if column is not None),
    )


def _first(pattern: re.Pattern[str], header: list[str]) -> int | None:
    return next((index for index, cell in enumerate(header) if pattern.search(cell)), None)
