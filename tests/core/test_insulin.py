"""The exponential insulin model against the published check values, its own laws, and numerical calculus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from glucolog.core import evidence
from glucolog.core.citations import CITATIONS
from glucolog.core.insulin import (
    ExponentialModel,
    accelerated_band,
    activity_units_per_min,
    curve_of,
    insulin_on_board,
    iob_units,
    is_child,
)
from glucolog.core.records import InsulinKind
from glucolog.core.vocabulary import BodyArea, Side
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.core.conftest import Make

RAPID = ExponentialModel(75, 360)
MODELS = [ExponentialModel(curve.peak_min, curve.duration_min) for curve in evidence.INSULIN_CURVES.values()]
ABDOMEN = BodyArea("abdomen", Side.LEFT)


@pytest.mark.parametrize(
    ("peak", "minutes", "share"),
    [(75, 60, 0.779), (75, 120, 0.450), (75, 180, 0.208), (75, 240, 0.073),
     (55, 60, 0.681), (55, 120, 0.314), (55, 180, 0.115), (55, 240, 0.032)],
)  # fmt: skip
def test_published_check_values(peak: float, minutes: float, share: float) -> None:
    assert ExponentialModel(peak, 360).iob_share(minutes) == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize("model", MODELS)
def test_all_is_on_board_at_the_start_and_nothing_at_the_end(model: ExponentialModel) -> None:
    assert model.iob_share(0) == 1
    assert model.iob_share(1e-6) == pytest.approx(1)
    assert model.iob_share(model.duration_min - 1e-6) == pytest.approx(0, abs=1e-9)
    assert model.iob_share(model.duration_min) == 0


@pytest.mark.parametrize("model", MODELS)
def test_activity_is_the_derivative_of_what_is_on_board(model: ExponentialModel) -> None:
    step = 1e-3
    for minutes in (5, 30, 75, 150, 300, model.duration_min - 5):
        numeric = (model.iob_share(minutes - step) - model.iob_share(minutes + step)) / (2 * step)
        assert model.activity_share_per_min(minutes) == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_activity_is_highest_at_the_peak(model: ExponentialModel) -> None:
    peak = model.activity_share_per_min(model.peak_min)
    assert peak > model.activity_share_per_min(model.peak_min - 2)
    assert peak > model.activity_share_per_min(model.peak_min + 2)


@pytest.mark.parametrize("model", [*MODELS, ExponentialModel(75, 360, 10)])
def test_the_integral_is_the_sum_of_small_steps(model: ExponentialModel) -> None:
    for minutes in (7, 120, 500):
        midpoints = sum(model.iob_share((i + 0.5) / 10) for i in range(minutes * 10)) / 10
        assert model.iob_integral_min(minutes) == pytest.approx(midpoints, rel=1e-5)


def test_a_dose_counts_from_its_own_instant_on(make: Make) -> None:
    doses = [make.dose(0, 4), make.dose(1, 2)]
    assert [iob_units(doses, make.at(minute)) for minute in (-1, 0)] == [0, 4]


def test_a_delay_shifts_the_curve() -> None:
    delayed = ExponentialModel(75, 360, delay_min=evidence.INSULIN_DELAY_MIN.value)
    assert delayed.iob_share(10) == 1
    assert delayed.iob_share(70) == RAPID.iob_share(60)


@given(st.floats(0, 700), st.floats(0, 60))
def test_what_is_on_board_only_falls(minutes: float, later: float) -> None:
    for model in MODELS:
        now, then = model.iob_share(minutes), model.iob_share(minutes + later)
        assert -1e-12 <= then <= now + 1e-12
        assert now <= 1 + 1e-12


@pytest.mark.parametrize(
    ("kind", "child", "peak"),
    [
        (InsulinKind.ULTRA_RAPID, False, 55),
        (InsulinKind.RAPID, False, 75),
        (InsulinKind.RAPID, True, 65),
        (InsulinKind.ULTRA_RAPID, True, 55),
        (InsulinKind.REGULAR, False, 180),
        (InsulinKind.MIXED, False, 180),
        (InsulinKind.UNKNOWN, False, 180),
    ],
)
def test_each_kind_has_its_curve(kind: InsulinKind, child: bool, peak: float) -> None:
    curve = curve_of(kind, child=child)
    assert curve is not None
    assert curve.peak_min == peak
    assert curve.citation in CITATIONS


def test_long_acting_is_never_on_board(make: Make) -> None:
    assert curve_of(InsulinKind.LONG) is None
    assert iob_units([make.dose(-60, 20, InsulinKind.LONG)], make.at(0)) == 0


def test_doses_add_up_and_later_ones_do_not_count(make: Make) -> None:
    doses = [make.dose(-60, 4), make.dose(-120, 2, InsulinKind.ULTRA_RAPID), make.dose(1, 9)]
    assert iob_units(doses, make.at(0)) == pytest.approx(4 * 0.779 + 2 * 0.314, abs=4e-3)


def test_an_unknown_kind_is_said(make: Make) -> None:
    board = insulin_on_board([make.dose(-60, 4, InsulinKind.UNKNOWN)], make.at(0))
    assert board.kind_assumed
    assert board.models == ("LoopKit exponential shape, regular",)
    assert board.units > iob_units([make.dose(-60, 4)], make.at(0))


def test_an_extended_bolus_is_many_small_ones(make: Make) -> None:
    spread = make.dose(-90, 6, duration_min=60)
    small = [make.dose(-90 + i + 0.5, 0.1) for i in range(60)]
    assert iob_units([spread], make.at(0)) == pytest.approx(iob_units(small, make.at(0)), rel=1e-4)
    assert activity_units_per_min([spread], make.at(0)) == pytest.approx(
        activity_units_per_min(small, make.at(0)), rel=1e-3
    )


def test_only_what_was_delivered_counts(make: Make) -> None:
    assert iob_units([make.dose(-30, 6, duration_min=60)], make.at(0)) < 3
    assert iob_units([make.dose(0, 6, duration_min=60)], make.at(0)) == 0


def test_the_band_grows_with_the_rate_and_stays_within_what_is_left(make: Make) -> None:
    band = accelerated_band([make.dose(-60, 4, site=ABDOMEN)], make.at(0), 30)
    units = [step.units for step in band.speed_ups]
    assert [step.factor for step in band.speed_ups] == [1, 2, 4, 6]
    assert units == sorted(units)
    assert band.remaining_units == pytest.approx(4 * 0.779, abs=2e-3)
    assert units[1] == pytest.approx(4 * (0.779 - 0.450), abs=4e-3)
    assert units[2] == pytest.approx(4 * (0.779 - 0.208), abs=4e-3)
    assert units[3] == pytest.approx(4 * (0.779 - 0.073), abs=4e-3)
    assert not band.site_assumed


def test_an_unknown_site_marks_the_band(make: Make) -> None:
    assert accelerated_band([make.dose(-60, 4)], make.at(0), 30).site_assumed


@given(
    st.lists(
        st.tuples(st.integers(-600, 60), st.floats(0, 30), st.sampled_from(InsulinKind), st.none() | st.floats(0, 400))
    ),
    st.randoms(use_true_random=False),
)
def test_any_doses_in_any_order_give_a_figure_within_their_sum(
    make: Make, given_doses: list[tuple[int, float, InsulinKind, float | None]], random: object
) -> None:
    doses = [make.dose(minute, units, kind, duration_min=long) for minute, units, kind, long in given_doses]
    units = iob_units(doses, make.at(0))
    assert -1e-9 <= units <= sum(dose.units for dose in doses) + 1e-9
    random.shuffle(doses)  # type: ignore[attr-defined]
    assert iob_units(doses, make.at(0)) == units


def test_a_child_is_under_18_by_the_year_of_birth(make: Make) -> None:
    assert is_child(make.person(birth_year=2009), make.at(0))
    assert not is_child(make.person(birth_year=2008), make.at(0))
    assert not is_child(make.person(), make.at(0))
