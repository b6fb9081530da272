"""Units: what is typed is kept, nothing is guessed, and a shown number never contradicts its level."""

from __future__ import annotations

import pytest
from glucolog.core.evidence import ABOVE, LEVEL_1, THRESHOLDS
from glucolog.core.units import (
    Censored,
    Glucose,
    Source,
    Unit,
    format_amount,
    format_apart,
    format_both,
    format_glucose,
    in_unit,
    parse_glucose,
    told_glucose,
)
from glucolog.errors import AmbiguousError, RefusedError
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "default", "amount", "unit"),
    [
        ("142", Unit.MG_DL, 142.0, Unit.MG_DL),
        ("142mg/dL", Unit.MMOL_L, 142.0, Unit.MG_DL),
        ("7.9mmol", Unit.MG_DL, 7.9, Unit.MMOL_L),
        ("7,9", Unit.MMOL_L, 7.9, Unit.MMOL_L),
        ("7.9 mmol/L", Unit.MG_DL, 7.9, Unit.MMOL_L),
        (" 98 ", Unit.MG_DL, 98.0, Unit.MG_DL),
    ],
)
def test_reads_what_people_type(text: str, default: Unit, amount: float, unit: Unit) -> None:
    assert parse_glucose(text, default) == Glucose(amount, unit)


@pytest.mark.parametrize(
    ("text", "source", "limit", "side"),
    [
        ("LO", Source.METER, 20, Censored.LOW),
        ("hi", Source.METER, 600, Censored.HIGH),
        ("Low", Source.CGM, 40, Censored.LOW),
        ("HIGH", Source.CGM, 400, Censored.HIGH),
    ],
)
def test_lo_and_hi_are_censored_at_the_devices_limit(text: str, source: Source, limit: float, side: Censored) -> None:
    assert parse_glucose(text, Unit.MG_DL, source) == Glucose(limit, Unit.MG_DL, side)


@pytest.mark.parametrize(
    ("text", "unit", "slip"),
    [
        ("5.6", Unit.MG_DL, "type 5.6mmol"),
        ("142", Unit.MMOL_L, "type 142mg/dL"),
        ("0", Unit.MG_DL, "outside what a meter reports"),
        ("900", Unit.MG_DL, "outside what a meter reports"),
        ("900mg/dL", Unit.MMOL_L, "outside what a meter reports"),
        ("-5", Unit.MG_DL, "is not a glucose value"),
        ("1e2", Unit.MG_DL, "is not a glucose value"),
        ("", Unit.MG_DL, "is not a glucose value"),
    ],
)
def test_refuses_what_can_not_be_and_names_the_slip(text: str, unit: Unit, slip: str) -> None:
    with pytest.raises(RefusedError, match=slip):
        parse_glucose(text, unit)


@pytest.mark.parametrize("unit", [*Unit])
@pytest.mark.parametrize("text", ["20", "27", "33.3"])
def test_a_bare_number_that_fits_both_units_is_asked_about(text: str, unit: Unit) -> None:
    with pytest.raises(AmbiguousError) as caught:
        parse_glucose(text, unit)
    assert caught.value.choices == (f"{text}mg/dL", f"{text}mmol")


@pytest.mark.parametrize(
    ("glucose", "low", "above"),
    [
        (Glucose(69, Unit.MG_DL), True, False),
        (Glucose(70, Unit.MG_DL), False, False),
        (Glucose(3.8, Unit.MMOL_L), True, False),
        (Glucose(3.9, Unit.MMOL_L), False, False),
        (Glucose(180, Unit.MG_DL), False, False),
        (Glucose(181, Unit.MG_DL), False, True),
        (Glucose(10.0, Unit.MMOL_L), False, False),
        (Glucose(10.1, Unit.MMOL_L), False, True),
    ],
)
def test_thresholds_are_compared_in_the_typed_unit(glucose: Glucose, low: bool, above: bool) -> None:
    assert (glucose.is_below(LEVEL_1.pair), glucose.is_above(ABOVE.pair)) == (low, above)


@pytest.mark.parametrize(
    ("glucose", "shown"),
    [
        (Glucose(142, Unit.MG_DL), "142 mg/dL (7.9 mmol/L)"),
        (Glucose(7.9, Unit.MMOL_L), "7.9 mmol/L (142 mg/dL)"),
        (Glucose(40, Unit.MG_DL, Censored.LOW), "LO (below 40 mg/dL, 2.2 mmol/L)"),
        (Glucose(22.2, Unit.MMOL_L, Censored.HIGH), "HI (above 22.2 mmol/L, 400 mg/dL)"),
    ],
)
def test_shows_both_units_the_typed_one_first(glucose: Glucose, shown: str) -> None:
    assert format_both(glucose) == shown


@given(st.floats(min_value=20, max_value=600), st.sampled_from([*Unit]))
def test_a_shown_number_never_crosses_a_threshold(mg_dl: float, unit: Unit) -> None:
    amount = mg_dl if unit is Unit.MG_DL else mg_dl / 18
    shown = float(format_amount(amount, unit))
    for threshold in THRESHOLDS:
        edge = in_unit(threshold.pair, unit)
        assert (shown < edge) == (amount < edge)
        assert (shown > edge) == (amount > edge)


@pytest.mark.parametrize(
    ("glucose", "unit", "shown"),
    [
        (Glucose(65, Unit.MG_DL), Unit.MG_DL, "65 mg/dL"),
        (Glucose(65, Unit.MG_DL), Unit.MMOL_L, "3.6 mmol/L (65 mg/dL)"),
        (Glucose(181, Unit.MG_DL), Unit.MMOL_L, "10.05 mmol/L (181 mg/dL)"),  # above 180, so not 10.0
        (Glucose(3.9, Unit.MMOL_L), Unit.MG_DL, "70 mg/dL (3.9 mmol/L)"),  # not low in either
        (Glucose(3.89, Unit.MMOL_L), Unit.MG_DL, "3.89 mmol/L"),  # low, but 70.1 mg/dL
        (Glucose(7.8, Unit.MMOL_L), Unit.MG_DL, "7.8 mmol/L"),  # within the pregnancy range, but 140.5 mg/dL
        (Glucose(40, Unit.MG_DL, Censored.LOW), Unit.MMOL_L, "LO (below 2.2 mmol/L, 40 mg/dL)"),
    ],
)
def test_a_reading_is_told_in_the_persons_unit_unless_that_would_say_something_else(
    glucose: Glucose, unit: Unit, shown: str
) -> None:
    assert told_glucose(glucose, unit) == shown


@given(st.floats(min_value=20, max_value=600), st.sampled_from([*Unit]))
def test_a_converted_number_lies_on_the_typed_side_of_every_threshold(mg_dl: float, unit: Unit) -> None:
    typed = Glucose(mg_dl if unit is Unit.MG_DL else mg_dl / 18, unit)
    number, shown_in = format_glucose(typed, unit.other).rsplit(" ", 1)
    for threshold in THRESHOLDS:
        edge, shown_edge = in_unit(threshold.pair, unit), in_unit(threshold.pair, Unit(shown_in))
        if threshold.sense in ("<", ">="):
            assert (float(number) < shown_edge) == (typed.amount < edge)
        else:
            assert (float(number) > shown_edge) == (typed.amount > edge)


@pytest.mark.parametrize(
    ("one", "other", "unit", "shown"),
    [
        (39, 38.6, Unit.MG_DL, ("39.0", "38.6")),  # more than the error, and read so
        (56, 36, Unit.MG_DL, ("56", "36")),
        (39, 39, Unit.MG_DL, ("39", "39")),
        (39, 38.9, Unit.MMOL_L, ("2.165", "2.159")),
    ],
)
def test_two_amounts_are_written_alike_only_where_they_are(
    one: float, other: float, unit: Unit, shown: tuple[str, str]
) -> None:
    assert format_apart(one, other, unit) == shown


@given(st.integers(min_value=20, max_value=600))
def test_a_typed_number_comes_back_as_typed(mg_dl: int) -> None:
    assert format_glucose(parse_glucose(f"{mg_dl}mg/dL", Unit.MMOL_L)) == f"{mg_dl} mg/dL"
