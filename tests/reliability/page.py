"""The page of measured figures: each script writes its own part and leaves the others."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

PAGE = Path(str(files("glucolog.help"))) / "reliability.md"
TITLES = {
    "kills": "Killed",
    "trouble": "Disk and machine",
    "damage": "Damage",
    "crowd": "Many at once",
    "encryption": "Encryption",
}
"""The parts in the order of the page, each with its heading and the script that writes it:
`python -m tests.reliability.<part> --write`."""
HEAD = (
    "# Reliability\n\nMeasured, not promised: each part is written by the script that measures it, "
    "`python -m tests.reliability.<part> --write`."
)


def parts() -> dict[str, str]:
    """Return the parts that the page holds."""
    if not PAGE.exists():
        return {}
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        found[next(part for part, known in TITLES.items() if known == title)] = text.strip()
    return found


def write_part(part: str, text: str) -> None:
    """Write one part of the page."""
    held = {**parts(), part: text}
    sections = [f"## {TITLES[name]}\n\n{held[name]}" for name in TITLES if name in held]
    PAGE.write_text("\n\n".join([HEAD, *sections]) + "\n", encoding="utf-8")
