"""The change of one session against hand calculation and the table of ISO 15197 in the clinical reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glucolog.core.change import combined_error_mg_dl, session_change
from glucolog.core.pairing import PairedBy, pair
from glucolog.core.records import Reading
from glucolog.core.units import Censored, Glucose, Unit

if TYPE_CHECKING:
    from glucolog.core.change import SessionChange
    from tests.core.conftest import Make


def change_of(make: Make, before: Reading, after: Reading) -> SessionChange:
    session = make.session()
    return session_change(session, pair(session, [before, after]))


@pytest.mark.parametrize(("level", "error"), [(60, 21), (99, 21), (120, 25), (140, 30), (180, 38), (250, 53)])
def test_combined_meter_error_is_the_published_table(level: float, error: int) -> None:
    same = Glucose(level, Unit.MG_DL)
    assert int(combined_error_mg_dl(same, same) + 0.5) == error


def test_the_error_is_one_amount_in_both_units() -> None:
    mg_dl, mmol_l = Glucose(99.9, Unit.MG_DL), Glucose(5.54, Unit.MMOL_L)
    assert (
        combined_error_mg_dl(mg_dl, mg_dl) == combined_error_mg_dl(mmol_l, mmol_l) == pytest.approx(21.2132, abs=1e-4)
    )


def test_142_to_98_in_40_min(make: Make) -> None:
    change = change_of(make, make.reading(-5, 142), make.reading(35, 98))
    assert change.drop_mg_dl == 44
    assert change.rate_mg_dl_per_min == pytest.approx(1.1)
    assert change.minutes_between == 40
    assert (change.before_lead_min, change.after_lag_min) == (5, 5)
    assert change.meter_error_mg_dl == pytest.approx(30.12, abs=0.01)
    assert change.within_error is False
    assert change.paired_by is PairedBy.METER_WINDOW
    assert change.unassessed is None


def test_the_same_in_mmol_l(make: Make) -> None:
    change = change_of(make, make.reading(-5, 7.9, Unit.MMOL_L), make.reading(35, 5.4, Unit.MMOL_L))
    assert change.drop_mg_dl == pytest.approx(2.5 * 18.01559)
    assert change.within_error is False


@pytest.mark.parametrize(
    ("after", "within"), [(79, True), (78, True), (77, False), (120, True), (125, True), (126, False)]
)
def test_within_error_below_at_and_above(make: Make, after: float, within: bool) -> None:
    before = 99
    assert change_of(make, make.reading(-5, before), make.reading(35, after)).within_error is within


def test_a_rise_is_a_negative_drop(make: Make) -> None:
    change = change_of(make, make.reading(-5, 98), make.reading(35, 142))
    assert change.drop_mg_dl == -44
    assert change.rate_mg_dl_per_min == pytest.approx(-1.1)


def test_lo_after_makes_the_drop_a_lower_bound(make: Make) -> None:
    change = change_of(make, make.reading(-5, 142), make.reading(35, 20, shown=Censored.LOW))
    assert (change.drop_mg_dl, change.rate_mg_dl_per_min, change.drop_at_least_mg_dl) == (None, None, 122)
    assert change.within_error is False
    assert change.unassessed is not None
    assert "at least 122 mg/dL" in change.unassessed.reason


def test_hi_after_makes_it_an_upper_bound(make: Make) -> None:
    change = change_of(make, make.reading(-5, 500), make.reading(35, 600, shown=Censored.HIGH))
    assert (change.drop_at_least_mg_dl, change.drop_at_most_mg_dl) == (None, -100)
    assert change.within_error is None


def test_both_ends_hi_is_unknown(make: Make) -> None:
    high = Censored.HIGH
    change = change_of(make, make.reading(-5, 600, shown=high), make.reading(35, 600, shown=high))
    assert (change.drop_at_least_mg_dl, change.drop_at_most_mg_dl, change.within_error) == (None, None, None)


def test_no_pair_no_change(make: Make) -> None:
    session = make.session()
    change = session_change(session, pair(session, []))
    assert change.drop_mg_dl is None
    assert change.unassessed is not None


def test_no_minutes_between_no_rate(make: Make) -> None:
    session = make.session(0, 0)
    change = session_change(session, pair(session, [make.reading(0, 120), make.reading(0, 125)]))
    assert change.minutes_between == 0
    assert change.rate_mg_dl_per_min is None
