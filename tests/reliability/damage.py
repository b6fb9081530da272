"""How much damage is noticed: `python -m tests.reliability.damage --write`.

One random byte of a log is changed, each time anew, and the log is checked: plain and encrypted, quick and deep.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from pathlib import Path

from glucolog.storage import crypto
from glucolog.storage.check import check
from glucolog.storage.convert import convert
from tests.reliability.kills import LOG
from tests.reliability.page import write_part
from tests.reliability.scenes import bring_in, prepare


def noticed(log: Path, flips: int, seed: int, *, deep: bool) -> int:
    """Return how many of so many flipped bytes a check notices; the log is left as it was."""
    content, chance, seen = log.read_bytes(), random.Random(seed), 0
    for _ in range(flips):
        spoilt = bytearray(content)
        spoilt[chance.randrange(len(spoilt))] ^= chance.randrange(1, 256)
        log.write_bytes(spoilt)
        crypto._headers.clear()
        seen += not check(log, deep=deep).is_sound
    log.write_bytes(content)
    crypto._headers.clear()
    return seen


def main() -> None:
    """Measure, and write it into the help."""
    options = argparse.ArgumentParser()
    options.add_argument("--flips", type=int, default=200)
    options.add_argument("--write", action="store_true", help="write the numbers into help/reliability.md")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="glucolog-damage-") as name:
        os.environ["XDG_CONFIG_HOME"] = name
        prepare(Path(name))
        bring_in(Path(name))
        log = Path(name) / LOG
        plain = [noticed(log, asked.flips, 8, deep=deep) for deep in (False, True)]
        key = crypto.new_key()
        crypto.holder.hold(key)
        convert(log, key)
        under_key = [noticed(log, asked.flips, 8, deep=deep) for deep in (False, True)]
    shares = [f"{count / asked.flips:.0%}" for count in (*plain, *under_key)]
    text = (
        f"One random byte changed, {asked.flips} times anew: on a plain log `db check` noticed {shares[0]} and "
        f"`db check --deep` {shares[1]}; on an encrypted log {shares[2]} and {shares[3]}. SQLite keeps no checksums: a "
        "byte of an imported value, or of a page not in use, can change in a plain log and fit all the same. What was "
        "entered by hand is held against the journal by the deep check."
    )
    print(text)
    if asked.write:
        write_part("damage", text)


if __name__ == "__main__":
    main()
