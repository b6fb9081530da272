"""Charts that are kept: computed once for a range, and anew as soon as anything they show is another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from glucolog.core.moments import Moment
from glucolog.core.records import Carbs, Person, Therapy
from glucolog.core.units import Unit
from glucolog.services import recent_charts
from glucolog.services.identity import new_id
from glucolog.services.looking import Range
from glucolog.services.recent_charts import SAME_S, RecentCharts
from glucolog.storage import Log, open_log

NOW = Moment(1_764_000_000, "Europe/Berlin")
ADA = Person(id=new_id(), name="Ada", unit=Unit.MG_DL, zone="Europe/Berlin", therapy=Therapy.MDI)
BO = replace(ADA, id=new_id(), name="Bo")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path / "log.db", create=True) as made:
        yield made


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was computed."""
    computed: list[object] = []

    def model(*given: Any) -> Any:
        computed.append(given)
        return SimpleNamespace(charts=object())

    monkeypatch.setattr(recent_charts, "model", model)
    return computed


def span(days: float, until: Moment = NOW) -> Range:
    return Range(until.plus(minutes=-days * 24 * 60), until)


def test_a_range_that_moves_with_the_clock_is_computed_once(log: Log, made: list[object]) -> None:
    charts = RecentCharts()
    later = NOW.plus(seconds=SAME_S - 1)
    assert charts.of(log, ADA, span(90), NOW) is charts.of(log, ADA, span(90, later), later)
    assert len(made) == 1


def test_another_person_range_setting_or_write_is_computed_anew(log: Log, made: list[object]) -> None:
    charts = RecentCharts()
    charts.of(log, ADA, span(90), NOW)
    charts.of(log, ADA, span(30), NOW)
    charts.of(log, BO, span(90), NOW)
    charts.of(log, replace(ADA, unit=Unit.MMOL_L), span(90), NOW)
    assert len(made) == 4
    with log.write(uid=new_id(), summary="add", person_id=ADA.id, at=NOW) as writer:
        writer.add(ADA)
        writer.add(Carbs(id=new_id(), person_id=ADA.id, at=NOW, grams=20.0))
    charts.of(log, ADA, span(90), NOW)
    log.undo(at=NOW, person_id=ADA.id)
    charts.of(log, ADA, span(90), NOW)
    assert len(made) == 6
