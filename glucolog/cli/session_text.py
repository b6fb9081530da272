"""What a session was like, in a few labelled lines."""

from __future__ import annotations

from glucolog.core.records import Session


def details(record: Session) -> list[str]:
    """Write a line for each thing that was said about a session."""
    rows = {
        "What": _what(record),
        "By": _performer(record),
        "Water": "" if record.water_c is None else f"{record.water_c:g} °C",
        "Lotion": _lotion(record),
        "Hygiene": _ticks({"hands washed": record.hands_washed, "equipment clean": record.equipment_clean}),
        "Position": record.position or "",
        "Tags": ", ".join(record.tags),
        "Note": record.note or "",
    }
    return [f"  {label:8} {text}" for label, text in rows.items() if text]


def length(minutes: float) -> str:
    """Write a length in whole minutes."""
    return f"{minutes:.0f} min" if minutes >= 1 else "under 1 min"


def _what(record: Session) -> str:
    words = [*(str(area) for area in record.areas), *record.techniques, *record.tools]
    return ", ".join([*words, f"pressure {record.pressure}"] if record.pressure else words)


def _performer(record: Session) -> str:
    trained = _ticks({"diabetes-trained": record.performer_trained})
    return ", ".join(filter(None, [record.performer, record.performer_name, trained]))


def _lotion(record: Session) -> str:
    return _ticks({"used": record.lotion, "between the toes": record.lotion_between_toes})


def _ticks(said: dict[str, bool | None]) -> str:
    return ", ".join(word if tick else f"not {word}" for word, tick in said.items() if tick is not None)
