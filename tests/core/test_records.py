"""What records say of themselves: how long a session was, and what the team was not told."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from glucolog.core.records import FootCheck, FootFinding, Symptom, Therapy
from glucolog.core.vocabulary import Side

if TYPE_CHECKING:
    from tests.core.conftest import Make

BLISTER = FootFinding(side=Side.LEFT, region="heel", finding="blister")
TOLD = date(2026, 1, 2)


@pytest.mark.parametrize(("end", "minutes"), [(30, 30), (0, 0), (None, None)])
def test_a_session_has_a_length_once_it_is_over(make: Make, end: float | None, minutes: float | None) -> None:
    assert make.session(0, end).minutes == minutes


@pytest.mark.parametrize("therapy", Therapy)
def test_every_therapy_but_none_takes_insulin(make: Make, therapy: Therapy) -> None:
    assert make.person(therapy).takes_insulin is (therapy.value != "none")


@pytest.mark.parametrize(
    ("worse", "told", "untold"),
    [(True, None, True), (True, TOLD, False), (False, None, False), (False, TOLD, False)],
)
def test_a_symptom_that_is_new_or_worse_waits_until_told(
    make: Make, worse: bool, told: date | None, untold: bool
) -> None:
    symptom = Symptom(
        id="y", person_id="p", at=make.at(0), symptom="pain", score=5, new_or_worse=worse, told_team_on=told
    )
    assert symptom.is_untold is untold


@pytest.mark.parametrize(
    ("findings", "told", "untold"),
    [((BLISTER,), None, True), ((BLISTER,), TOLD, False), ((), None, False), ((), TOLD, False)],
)
def test_what_was_seen_at_the_feet_waits_until_told(
    make: Make, findings: tuple[FootFinding, ...], told: date | None, untold: bool
) -> None:
    check = FootCheck(id="f", person_id="p", at=make.at(0), sides=(Side.LEFT,), findings=findings, told_team_on=told)
    assert check.is_untold is untold
