"""The page of measured figures: each script writes its own part and leaves the others."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

PAGE = Path(str(files("glucolog.help"))) / "reliability.md"
TITLES = {
    "kills": "Killed",
    "damage": "Damage",
    "crowd": "Many at once",
    "encryption": "Encryption",
}
"""The parts in the order of the page, each with its heading and the script that writes it:
`python -m tests.reliability.<part> --write`."""
HEAD = """\
# Reliability

- `glucolog doctor` says what is wrong and the one command that mends it.
- Copies are made by themselves, once a day and before each import and upgrade, beside the log. `glucolog db restore`
  brings back the newest sound one and says what is newer than it.
- `glucolog db salvage OUT` saves what can still be read of a damaged log into a new one: every row whose own page is
  whole, even where the pages that led there are not, and from the journal what was entered by hand.
- `glucolog db encrypt` puts the log and the copies beside it under a key: in the keyring, or under a passphrase. It
  shows 24 recovery words, once. What the disk kept of the plain file elsewhere (snapshots, worn-out cells) is out of
  reach.
- A full or read-only disk, a lost permission, a missing key and a newer glucolog's log each end in a sentence, with
  nothing half stored. A clock that was set back makes a watch begin anew.
- `glucolog person forget NAME --backups` takes a person out for good and searches the files' bytes for what is left.

What follows is measured: each part is written by the script that measures it."""


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
    PAGE.write_text(page_of({**parts(), part: text}), encoding="utf-8")


def page_of(held: dict[str, str]) -> str:
    """Return the whole page of these parts."""
    sections = [f"## {TITLES[name]}\n\n{held[name]}" for name in TITLES if name in held]
    return "\n\n".join([HEAD, *sections]) + "\n"
