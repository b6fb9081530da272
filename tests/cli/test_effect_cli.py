"""`effect` from a log filled through the commands: the numbers of the pure code, for one person and for many."""

from __future__ import annotations

import csv
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from glucolog.analysis.effect import EffectResult, estimate_effect
from glucolog.analysis.study import EffectInput
from glucolog.analysis.trace import from_columns
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Dose, InsulinKind, Session
from glucolog.core.units import Source
from glucolog.services.identity import new_id
from glucolog.services.opening import opened
from tests.cli.conftest import Shell

START_S = 1_767_225_600  # 2026-01-01T00:00Z
STEP_MIN = 5
ZONE = "Europe/Berlin"


def a_person(days: int, n_sessions: int, seed: int, drop: float, step_min: int = STEP_MIN) -> EffectInput:
    """Sensor readings, meals with boluses, and sessions that pull glucose down by `drop` for 3 h."""
    at_s = START_S + 60 * step_min * np.arange(days * 1440 // step_min)
    noise = np.random.default_rng(seed).normal(size=at_s.size + 23)
    mg_dl = np.round(160 + 100 * np.convolve(noise, np.ones(24) / 24, mode="valid"))
    starts = [START_S + int(day) * 86_400 + 15 * 3600 for day in np.linspace(1, days - 2, n_sessions)]
    for start in starts:
        mg_dl -= np.where((at_s > start) & (at_s <= start + 3 * 3600), drop, 0)
    meals = [START_S + day * 86_400 + hour * 3600 + day * 60 for day in range(days) for hour in (7, 12, 18)]
    return EffectInput(
        cgm=from_columns(
            source=Source.CGM,
            at_s=at_s,
            offset_s=np.zeros_like(at_s),
            amount=np.clip(mg_dl, 40, 400),
            is_mmol_l=np.zeros(at_s.size, dtype=np.bool_),
            censored=np.zeros(at_s.size, dtype=np.int8),
        ),
        meter=None,
        doses=tuple(_dose(at) for at in meals),
        carbs=tuple(Carbs(id=f"c{at}", person_id="p", at=Moment(at, ZONE), grams=40 + at % 30) for at in meals),
        sessions=tuple(
            Session(id=f"s{at}", person_id="p", start=Moment(at, ZONE), end=Moment(at + 1800, ZONE)) for at in starts
        ),
        zone=ZONE,
    )


def _dose(at: int) -> Dose:
    return Dose(id=f"d{at}", person_id="p", at=Moment(at, ZONE), units=4 + at % 5, kind=InsulinKind.RAPID)


def write_csv(path: Path, given: EffectInput) -> None:
    """Write the generic CSV of the contract, instants in UTC."""
    assert given.cgm is not None
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(("time", "glucose_mg_dl", "source", "insulin_units", "insulin", "carbs_g"))
        for at, mg_dl in zip(given.cgm.at_s.tolist(), given.cgm.amount.tolist(), strict=True):
            rows.writerow((stamp(at), f"{mg_dl:g}", "cgm", "", "", ""))
        rows.writerows((stamp(dose.at.epoch_s), "", "", dose.units, "aspart", "") for dose in given.doses)
        rows.writerows((stamp(carbs.at.epoch_s), "", "", "", "", carbs.grams) for carbs in given.carbs)


def stamp(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat()


def bring_in(shell: Shell, given: EffectInput, *whose: str) -> None:
    """Import all but the sessions."""
    path = shell.folder / "readings.csv"
    write_csv(path, given)
    done = shell.json("import", str(path), *whose)
    assert done["rejected"] == []


def fill(shell: Shell, given: EffectInput) -> None:
    """Fill a log as a person would: one import, and a `log` for every session."""
    bring_in(shell, given)
    for session in given.sessions:
        ran = shell("log", "--start", stamp(session.start.epoch_s), "--minutes", "30", "--area", "back")
        assert ran.code in {0, 10}, ran.err


def fill_at_once(shell: Shell, given: EffectInput, name: str) -> None:
    """Fill somebody's part of a log in two writes."""
    bring_in(shell, given, "--person", name)
    with opened(str(shell.folder / "log.db")) as log:
        person = log.person(name)
        with log.write(uid=new_id(), summary="sessions", person_id=person.id, at=given.sessions[-1].start) as writer:
            for session in given.sessions:
                writer.add(replace(session, id=new_id(), person_id=person.id))


def numbers(document: dict[str, Any]) -> dict[str, Any]:
    """What must be the same wherever the log came from: all but ids."""
    sessions = [{key: value for key, value in item.items() if key != "session"} for item in document["sessions"]]
    return {**document, "sessions": sessions}


def assert_same(document: dict[str, Any], result: EffectResult) -> None:
    keys = ("n_sessions", "n_matched", "n_unmatched", "n_controls")
    assert [document[key] for key in keys] == [getattr(result, key) for key in keys]
    for key in ("naive_mg_dl", "estimate_mg_dl", "ci_low", "ci_high", "p_value"):
        assert document[key] == pytest.approx(getattr(result, key), abs=1e-3), key
    assert (document["grade"], document["reason"]) == (result.grade.value, result.reason)


def test_a_log_filled_by_commands_gives_the_numbers_of_the_pure_code(ada: Shell, tmp_path: Path) -> None:
    given = a_person(days=42, n_sessions=12, seed=3, drop=40)
    fill(ada, given)
    document = ada.json("effect")
    assert_same(document, estimate_effect(given))
    assert document["grade"] == "early"
    assert document["ci_low"] < 40 < document["ci_high"]
    assert len(document["sessions"]) == 12

    export = tmp_path / "own.json"
    assert ada("export", "json", "-o", str(export)).code == 0
    other = str(tmp_path / "other.db")
    assert ada("--db", other, "import", str(export)).code == 0
    assert numbers(ada.json("--db", other, "effect")) == numbers(document)


def test_twelve_weeks_with_forty_sessions_take_under_a_second_without_import(ada: Shell) -> None:
    fill_at_once(ada, a_person(days=84, n_sessions=40, seed=1, drop=10), "Ada")
    ada.json("effect")  # what is imported on first use stands in test_start_up
    began = time.process_time()
    assert ada.json("effect")["grade"] == "estimate"
    assert time.process_time() - began < 1


def test_everyone_is_summed_up_person_by_person_and_together(ada: Shell) -> None:
    people = {"Ada": a_person(days=35, n_sessions=11, seed=0, drop=25, step_min=15)}
    for at, name in enumerate(("Ben", "Cleo", "Dan", "Eve", "Fay"), start=1):
        ada("person", "add", "--name", name, "--unit", "mg/dL", "--tz", ZONE, "--therapy", "mdi")
        people[name] = a_person(days=35, n_sessions=3 if name == "Fay" else 11, seed=at, drop=25, step_min=15)
    for name, given in people.items():
        fill_at_once(ada, given, name)
    assert ada("effect").code == 2  # whose?
    document = ada.json("effect", "--all")
    assert (document["n_people"], document["n_estimated"], document["grade"]) == (6, 5, "early")
    assert document["reason"] == "An early estimate from 5 people of 6; 10 make an estimate."
    one_by_one = {item["person"]: item for item in document["people"]}
    for name, item in one_by_one.items():
        alone = ada.json("effect", "--person", name)
        assert {key: alone[key] for key in item if key != "person"} == {
            key: value for key, value in item.items() if key != "person"
        }
    estimates = [item["estimate_mg_dl"] for item in one_by_one.values() if item["estimate_mg_dl"] is not None]
    assert document["estimate_mg_dl"] == pytest.approx(sum(estimates) / 5, abs=1e-3)
    assert one_by_one["Fay"]["reason"] == "Too few sessions (3 of 8)."
    told = ada("effect", "--all").out
    assert "In 5 people" in told
    assert "This is an association" in told
    assert "Fay: no estimate. Too few sessions (3 of 8)." in told
    assert all(f"{name}: " in told for name in people)


def test_fewer_than_five_people_are_refused_together_and_told_alone(ada: Shell) -> None:
    document = ada.json("effect", "--all")
    assert (document["grade"], document["estimate_mg_dl"], document["n_people"]) == ("none", None, 1)
    assert document["people"][0]["reason"] == "There are no sessions to look at."
