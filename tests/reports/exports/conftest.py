"""One person's records with everything in them that an export must bear, and the tools that read exports."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import (
    Activity,
    Carbs,
    Dose,
    FootCheck,
    FootFinding,
    ImportBatch,
    Insulin,
    InsulinKind,
    Note,
    Person,
    Phase,
    Reading,
    ReadingLink,
    Session,
    Symptom,
    Therapy,
    Trial,
)
from glucolog.core.units import Censored, Glucose, Source, Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side
from glucolog.reports.exports import ExportRecords
from tests.conftest import need

BERLIN = "Europe/Berlin"
NOON = Moment(1_774_785_600, BERLIN)
"""29 March 2026, 14:00 in Berlin: the day the clocks went forward."""
HOSTILE = (
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "</script><script>alert(1)</script>",
    "#set page(width: 1cm) *x* $1/0$",
    "\u202egnp.exe",
    "a 🦶 and “quotes” 'n' \"more\", with; commas\nand a second line",
    "nul \x00 and bell \x07",
    "x" * 10_000,
)
"""What a person can type into any field of text."""
MODULES = Path(__file__).parents[3] / "node_modules"


def an_id(name: str) -> str:
    """The same id for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


ADA = Person(
    id=an_id("ada"), name="Ada", unit=Unit.MG_DL, zone=BERLIN, therapy=Therapy.MDI, birth_year=1980,
    insulins=(Insulin(name="aspart", kind=InsulinKind.RAPID),), questions=("Why?",), note="knows us",
)  # fmt: skip


def reading(
    minute: float,
    amount: float,
    unit: Unit = Unit.MG_DL,
    *,
    cgm: bool = False,
    shown: Censored | None = None,
    **said: Any,
) -> Reading:
    """One reading, minutes from noon."""
    source = Source.CGM if cgm else Source.METER
    named = an_id(f"reading {source} {minute}")
    glucose = Glucose(amount, unit, shown)
    return Reading(id=named, person_id=ADA.id, at=NOON.plus(minutes=minute), glucose=glucose, source=source, **said)


def sensor(days: float, step_min: int = 5, unit: Unit = Unit.MG_DL) -> tuple[Reading, ...]:
    """Sensor readings up to noon, a wave around 140 mg/dL (or 8 mmol/L) that goes low and high."""
    count = round(days * 24 * 60 / step_min)
    middle, swing, decimals = (140.0, 90.0, 0) if unit is Unit.MG_DL else (8.0, 5.0, 1)
    return tuple(
        reading(
            -step_min * (count - n), round(middle + swing * math.sin(n / 37), decimals), unit, cgm=True, device="G7"
        )
        for n in range(count)
    )


BEFORE, AFTER = reading(-5, 142, note="=1+1"), reading(35, 98)
LOW = reading(120, 40, cgm=True, shown=Censored.LOW)
MMOL_HIGH = reading(200, 33.3, Unit.MMOL_L, shown=Censored.HIGH, device='Contour "Next"')
MMOL = reading(240, 7.9, Unit.MMOL_L)
SESSION = Session(
    id=an_id("session"), person_id=ADA.id, start=NOON, end=NOON.plus(minutes=30), areas=(BodyArea("foot", Side.LEFT),),
    techniques=("effleurage",), tools=("hands", "warm-water"), pressure=Pressure.MEDIUM, performer="partner",
    performer_name="Bea", water_c=36.5, tags=("evening",), note="calm",
    links=(ReadingLink(reading_id=BEFORE.id, phase=Phase.BEFORE), ReadingLink(reading_id=AFTER.id, phase=Phase.AFTER)),
)  # fmt: skip
RUNNING = Session(id=an_id("running"), person_id=ADA.id, start=NOON.plus(minutes=300), length_assumed=True)


def everything(readings: Iterable[Reading] = (), **changed: Any) -> ExportRecords:
    """Records of every kind; `readings` come before the ones around the session."""
    person = changed.pop("person", ADA)
    own: dict[str, Any] = {"person_id": person.id}
    batch = ImportBatch(
        id=an_id("batch"),
        at=NOON,
        file_name="ada.csv",
        file_sha256="0" * 64,
        format="generic",
        counts={"cgm": 1},
        **own,
    )
    records = ExportRecords(
        person=person,
        made_at=NOON.plus(minutes=600),
        batches=(batch,),
        readings=(*readings, BEFORE, AFTER, LOW, MMOL_HIGH, MMOL),
        unused_readings=(replace(LOW, id=an_id("other"), glucose=Glucose(77, Unit.MG_DL), batch_id=batch.id),),
        doses=(
            Dose(id=an_id("d1"), at=NOON.plus(minutes=-60), units=4.5, kind=InsulinKind.RAPID, name="aspart",
                 site=BodyArea("abdomen", Side.LEFT), **own),
            Dose(id=an_id("d2"), at=NOON.plus(minutes=-30), units=12, kind=InsulinKind.LONG, name="glargine", **own),
            Dose(id=an_id("d3"), at=NOON.plus(minutes=-20), units=2, kind=InsulinKind.RAPID, by_pump=True,
                 duration_min=90, **own),
        ),
        carbs=(Carbs(id=an_id("c"), at=NOON.plus(minutes=40), grams=15, treatment=True, note="juice", **own),),
        activities=(
            Activity(id=an_id("a"), at=NOON.plus(minutes=50), kind="walk", minutes=20, intensity="light", **own),
        ),
        notes=(Note(id=an_id("n"), at=NOON.plus(minutes=60), text="slept badly", **own),),
        sessions=(SESSION, RUNNING),
        symptoms=(
            Symptom(id=an_id("p"), at=NOON, symptom="pain", score=0, place=BodyArea("foot", Side.LEFT),
                    session_id=SESSION.id, phase=Phase.BEFORE, **own),
            Symptom(id=an_id("t"), at=NOON.plus(minutes=31), symptom="tingling", score=7, new_or_worse=True, **own),
        ),
        foot_checks=(
            FootCheck(id=an_id("f1"), at=NOON.plus(minutes=70), sides=(Side.LEFT, Side.RIGHT), findings=(
                FootFinding(side=Side.LEFT, region="heel", finding="blister", note="small"),), **own),
            FootCheck(id=an_id("f2"), at=NOON.plus(minutes=80), sides=(Side.LEFT,), **own),
        ),
        trials=(
            Trial(id=an_id("trial"), at=NOON, start_day=date(2026, 3, 30), weeks=4, per_week=3, seed=7,
                  planned_minute=1200, planned_zone=BERLIN, **own),
        ),
    )  # fmt: skip
    return replace(records, **changed)


def saying(text: str) -> ExportRecords:
    """Records of every kind with the text wherever a person can type."""
    full = everything(person=replace(ADA, name=text, note=text, questions=(text,)))
    return replace(
        full,
        readings=tuple(replace(one, note=text, device=text) for one in full.readings),
        doses=tuple(replace(one, note=text, name=text) for one in full.doses),
        carbs=tuple(replace(one, note=text) for one in full.carbs),
        activities=tuple(replace(one, kind=text, note=text) for one in full.activities),
        notes=tuple(replace(one, text=text) for one in full.notes),
        sessions=tuple(replace(one, note=text, performer_name=text, tags=(text,)) for one in full.sessions),
        symptoms=tuple(replace(one, note=text) for one in full.symptoms),
        foot_checks=tuple(replace(one, note=text) for one in full.foot_checks),
    )


RunNode = Callable[..., Any]


@pytest.fixture(scope="session")
def run_node(tmp_path_factory: pytest.TempPathFactory) -> RunNode:
    """Run a script beside this file under Node with a document on disk; its answer is JSON."""

    def run(script: str, package: str, document: object, *arguments: object) -> Any:
        need(shutil.which("node"), "node")
        need((MODULES / package).is_dir(), f"npm {package} (see .ci/run)")
        path = tmp_path_factory.mktemp("node") / "document.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        command = ["node", str(Path(__file__).with_name(script)), str(path), *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        assert ran.returncode == 0, ran.stderr[-2000:]
        return json.loads(ran.stdout)

    return run
