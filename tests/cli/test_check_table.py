"""`check --json` beside the clinical reference (section 5), row by row: what the text says, not what the code does.

Each case has a day of its own in one log. Times are minutes from noon of that day in Berlin.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from glucolog.cli.app import run
from tests.cli.conftest import Ran, Shell

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Europe/Berlin"))
SECOND = 1 / 60
FLAT = (-20, -15, -10, -5, 0)
OLD = (-600.0, 4.0, "aspart", "abdomen")
"""A dose that no longer counts, so that insulin is known."""
Sensor = tuple[tuple[float, float], ...]
Doses = tuple[tuple[float, float, str, str], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What the log holds of a day, what is asked at noon, and the answer the text gives."""

    verdict: str
    sensor: Sensor = ()
    meter: Sensor = ()
    doses: Doses = (OLD,)
    ask: str = "--area back"
    says: str = ""
    blocks: str = ""


def flat(amount: float) -> Sensor:
    """A sensor that holds its level."""
    return tuple((minute, amount) for minute in FLAT)


def falling(by: float, end: float = 100) -> Sensor:
    """A sensor that falls so many mg/dL a minute."""
    return tuple((minute, end - by * minute) for minute in FLAT)


def injected(ago: float, insulin: str = "aspart", units: float = 4, site: str = "thigh:left") -> Doses:
    """A dose so many minutes before, and one that no longer counts."""
    return ((-ago, units, insulin, site), OLD)


CASES = {
    # < 70: stop. 70–89: not yet. ≥ 126: go. > 250: asked about ketones
    "53": Case("stop", flat(53), says="gate-low-level-2"), "54": Case("stop", flat(54), says="gate-low"),
    "69": Case("stop", flat(69)), "70": Case("not_yet", flat(70)), "89": Case("not_yet", flat(89)),
    "90": Case("go", flat(90)), "125": Case("go", flat(125)), "126": Case("go", flat(126)),
    "250": Case("go", flat(250)), "251": Case("caution", flat(251)),
    "251, unwell": Case("not_yet", flat(251), ask="--unwell"), "251, well": Case("go", flat(251), ask="--not-unwell"),
    "250, unwell": Case("go", flat(250), ask="--unwell"),
    # typed in mmol/L, compared there; without a sensor the trend is not known, which is a factor
    "2.9": Case("stop", ask="--glucose 2.9mmol", says="gate-low-level-2"),
    "3.0": Case("stop", ask="--glucose 3.0mmol", says="gate-low"),
    "3.8": Case("stop", ask="--glucose 3.8mmol"), "3.9": Case("not_yet", ask="--glucose 3.9mmol"),
    "4.9": Case("not_yet", ask="--glucose 4.9mmol"), "5.0": Case("caution", ask="--glucose 5,0mmol"),
    "6.9": Case("caution", ask="--glucose 6.9mmol"), "7.0": Case("go", ask="--glucose 7.0mmol"),
    "13.9": Case("go", ask="--glucose 13.9mmol"), "14.0": Case("caution", ask="--glucose 14mmol"),
    "LO": Case("stop", ask="--glucose LO"), "HI": Case("caution", ask="--glucose HI"),
    # 90–125 with falling ≥ 1 mg/dL/min, IOB ≥ 1 U, a bolus < 2 h ago, or a recent site in the area
    "falling 0.9": Case("go", falling(0.9)), "falling 1.0": Case("caution", falling(1)),
    "falling 1.1": Case("caution", falling(1.1)), "falling at 126": Case("go", falling(1, 126)),
    "a bolus 1:59 ago": Case("caution", flat(110), doses=injected(119, units=0.3)),
    "a bolus 2:00 ago": Case("go", flat(110), doses=injected(120, units=0.3)),
    "0.83 U on board": Case("go", flat(110), doses=injected(180)),  # 4 U × .208
    "1.04 U on board": Case("caution", flat(110), doses=injected(180, units=5)),
    "1.04 U on board at 126": Case("go", flat(126), doses=injected(180, units=5)),
    "long-acting is not on board": Case("go", flat(110), doses=injected(60, "tresiba", 40)),
    "insulin not known": Case("caution", flat(110), doses=(), says="insulin-unknown"),
    "insulin not known, at a site": Case("caution", flat(200), doses=(), ask="--area thigh", says="site-unknown"),
    # the site rule: 4 h, long-acting 24 h
    "4 h": Case("not_yet", flat(200), doses=injected(240), ask="--area thigh:left", blocks="thigh:left"),
    "4 h 1 s": Case("go", flat(200), doses=injected(240 + SECOND), ask="--area thigh:left"),
    "24 h long": Case("not_yet", flat(200), doses=injected(1440, "tresiba"), ask="--area thigh", blocks="thigh"),
    "24 h 1 s long": Case("go", flat(200), doses=injected(1440 + SECOND, "tresiba"), ask="--area thigh"),
    "10 h of a mix": Case("not_yet", flat(200), doses=injected(600, "novomix"), ask="--area thigh", blocks="thigh"),
    "the other side": Case("go", flat(200), doses=injected(60), ask="--area thigh:right"),
    "both sides": Case("caution", flat(200), doses=injected(60), ask="--area thighs", blocks="thigh:left"),
    "side not known": Case("not_yet", flat(200), doses=injected(60, site="thigh"), ask="--area thigh:left",
                           blocks="thigh:left"),
    "site not known": Case("caution", flat(200), doses=injected(60, site=""), ask="--area thigh", says="site-unknown"),
    # no recent reading is never go: > 15 min by sensor, > 30 min by meter; what is later does not count
    "sensor, 15 min": Case("go", ((-15, 200),)), "sensor, 15 min 1 s": Case("not_yet", ((-15 - SECOND, 200),)),
    "meter, 30 min": Case("go", meter=((-30, 200),)),
    "meter, 30 min 1 s": Case("not_yet", meter=((-30 - SECOND, 200),)),
    "nothing": Case("not_yet", says="no-recent-reading"),
    "a later low": Case("go", (*flat(200), (1, 50)), ((SECOND, 50),)),
    "a finger-stick before a sensor": Case("stop", ((0, 150),), ((-5, 65),), says="meter-was-low"),
    "a low one before a near one": Case("stop", ((0, 75),), ((-5, 65),), says="meter-was-low"),
    "a near one before a sensor": Case("not_yet", ((0, 150),), ((-5, 75),), says="meter-was-near-low"),
    "a sensor before a finger-stick": Case("caution", ((-5, 65),), ((0, 150),), says="readings-disagree"),
    # a foot session wants today's foot check and the ticks
    "feet": Case("caution", flat(200), ask="--area foot:left --hands-washed", says="foot-check-missing"),
    "pressure": Case("go", flat(200), ask="--area calf --pressure 3"),
    "lotion": Case("caution", flat(200), ask="--area calf --lotion-between-toes", says="lotion-between-toes"),
    "hot water": Case("caution", flat(200), ask="--area calf --water 37.1 --equipment-clean", says="water-hot"),
    "warm water": Case("go", flat(200), ask="--area calf --water 37 --equipment-clean"),
}  # fmt: skip


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One log with a day for each case, three days apart."""
    folder = tmp_path_factory.mktemp("table")
    rows = ["time,glucose_mg_dl,source,insulin_units,insulin,site"]
    rows += [row for index, case in enumerate(CASES.values()) for row in rows_of(case, index)]
    table = folder / "table.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    db = str(folder / "log.db")
    made = "--name", "Ada", "--unit", "mg/dL", "--tz", "Europe/Berlin", "--therapy", "mdi"
    assert run(["--db", db, "init", *made]) == 0
    assert run(["--db", db, "import", str(table), "--format", "generic"]) == 0
    return folder / "log.db"


def at(index: int, minute: float = 0) -> str:
    """A moment of a case's day."""
    return f"{(NOON.astimezone(UTC) + timedelta(days=-3 * index, minutes=minute)).isoformat(timespec='seconds')}"


def rows_of(case: Case, index: int) -> Iterator[str]:
    """The rows of a case's day."""
    for source, readings in (("cgm", case.sensor), ("meter", case.meter)):
        yield from (f"{at(index, minute)},{amount:g},{source},,," for minute, amount in readings)
    yield from (f"{at(index, minute)},,,{units:g},{insulin},{site}" for minute, units, insulin, site in case.doses)


@pytest.mark.parametrize("name", CASES)
def test_check_answers_as_the_reference_says(shell: Shell, logged: Path, name: str) -> None:
    case, index = CASES[name], list(CASES).index(name)
    ran: Ran = shell("--db", str(logged), "check", "--at", at(index), "--json", *case.ask.split())
    answer = json.loads(ran.out)
    assert (answer["verdict"], ran.code) == (case.verdict, 0 if case.verdict == "go" else 10), answer["findings"]
    assert case.says in {"", *(finding["rule"] for finding in answer["findings"])}
    assert answer["blocked_areas"] == ([case.blocks] if case.blocks else [])
    assert (answer["recheck_at"] is None) is (case.verdict == "go")
    assert bool(answer["would_change"]) is (case.verdict != "go")
