"""Comparisons between a person's own sessions: what is compared, what is refused, what is adjusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from glucolog.analysis.effect_text import say_factor, say_symptom
from glucolog.analysis.factors import Factor, compare_factors, compare_symptoms
from glucolog.analysis.study import EffectInput
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, InsulinKind, Phase, Session, Symptom
from glucolog.core.units import Unit
from glucolog.core.vocabulary import BodyArea, Pressure, Side
from glucolog.core.wording import effect as words

MakePerson = Callable[..., EffectInput]


def told(person: EffectInput, tell: Callable[[int, Session], Session]) -> EffectInput:
    return replace(person, sessions=tuple(tell(at, session) for at, session in enumerate(person.sessions)))


def one(factors: tuple[Factor, ...], name: str) -> Factor:
    (found,) = [factor for factor in factors if factor.factor == name]
    return found


def stronger_when_deep(person: EffectInput, more: float) -> EffectInput:
    """Every second session is deep, and glucose is `more` lower two hours after it."""
    cgm = person.cgm
    assert cgm is not None
    mg_dl = cgm.mg_dl.copy()
    for session in person.sessions[::2]:
        away_min = (cgm.at_s - session.start.epoch_s) / 60
        mg_dl -= more * np.interp(away_min, [0, 120, 240], [0, 1, 0], left=0, right=0)
    deep = told(person, lambda at, session: replace(session, pressure=(Pressure.DEEP, Pressure.LIGHT_LOTION)[at % 2]))
    return replace(deep, cgm=replace(cgm, mg_dl=mg_dl, amount=mg_dl))


def test_a_bigger_drop_with_more_pressure_is_found(make_person: MakePerson) -> None:
    # over 24 such people the mean is 24.3, from person to person ± 3.1
    people = [stronger_when_deep(make_person(seed=seed), 25) for seed in range(6)]
    found = [one(compare_factors(person).factors, "pressure") for person in people]
    assert {(each.label, each.n_with, each.n_without) for each in found} == {("pressure 5 or more", 20, 20)}
    assert np.mean([each.estimate_mg_dl for each in found]) == pytest.approx(25, abs=4)
    for each in found:
        assert each.ci_low is not None
        assert each.ci_low > 0
        assert each.p_adjusted is not None
        assert each.p_adjusted < 0.05


def test_adjusted_p_values_are_never_smaller(make_person: MakePerson) -> None:
    person = told(
        stronger_when_deep(make_person(), 10),
        lambda at, session: replace(
            session,
            techniques=("effleurage",) if at % 3 else ("petrissage", "effleurage"),
            performer="self" if at % 4 < 2 else "partner",
        ),
    )
    tested = [factor for factor in compare_factors(person).factors if factor.p_value is not None]
    assert {factor.factor for factor in tested} >= {"technique", "performer", "pressure"}
    assert all((factor.p_adjusted or 0) >= (factor.p_value or 0) for factor in tested)


@pytest.mark.parametrize(("n_deep", "refused"), [(7, True), (8, False), (32, False), (33, True)])
def test_nothing_is_compared_under_eight_a_side(make_person: MakePerson, n_deep: int, refused: bool) -> None:
    person = told(
        make_person(),
        lambda at, session: replace(session, pressure=Pressure.DEEP if at < n_deep else Pressure.LIGHT_LOTION),
    )
    pressure = one(compare_factors(person).factors, "pressure")
    assert (pressure.n_with, pressure.n_without) == (n_deep, 40 - n_deep)
    assert (pressure.estimate_mg_dl is None) == refused
    assert (pressure.reason is not None) == refused


def test_what_was_never_noted_says_so(make_person: MakePerson) -> None:
    factors = compare_factors(make_person()).factors
    for name in ("technique", "area", "pressure", "water", "water_used", "performer", "iob", "site_overlap"):
        assert one(factors, name).reason == words.FACTOR_UNKNOWN
        assert one(factors, name).n_unknown == 40
    # every session lasts 30 min: there is no shorter one to compare with
    assert (one(factors, "duration").n_with, one(factors, "duration").n_without) == (40, 0)


def test_insulin_in_the_massaged_area_is_an_overlap(make_person: MakePerson) -> None:
    person = told(make_person(), lambda at, session: replace(session, areas=(BodyArea("thigh", Side.LEFT),)))
    left, right = BodyArea("thigh", Side.LEFT), BodyArea("thigh", Side.RIGHT)
    sites = [left] * 10 + [left] * 10 + [left] * 10 + [right] * 8 + [None] * 2
    minutes = [240] * 10 + [241] * 10 + [240] * 20  # four hours before is closed
    doses = tuple(
        Dose(
            id=f"d{at}{later}",
            person_id="p",
            at=session.start.plus(minutes=later * 1440 - minutes[at]),
            units=1,
            kind=InsulinKind.RAPID,
            site=None if later else sites[at],
        )
        for at, session in enumerate(person.sessions)
        for later in (0, 1)  # the same on the day after, so that there are similar times
    )
    overlap = one(compare_factors(replace(person, doses=doses)).factors, "site_overlap")
    assert (overlap.n_with, overlap.n_without, overlap.n_unknown) == (20, 18, 2)


def test_no_matched_session_makes_no_comparison(make_person: MakePerson) -> None:
    result = compare_factors(make_person(session_days=()))
    assert (result.n_matched, result.factors, result.note) == (0, (), words.EXPLORATORY)


def scores(n: int, before: Callable[[int], int], after: Callable[[int], int], symptom: str = "pain") -> list[Symptom]:
    session = make_sessions(1)[0]
    return [
        Symptom(
            id=f"{symptom}{at}{phase}", person_id="p", at=session.start, symptom=symptom, score=score(at),
            session_id=f"s{at}", phase=phase,
        )
        for at in range(n)
        for phase, score in ((Phase.BEFORE, before), (Phase.AFTER, after))
    ]  # fmt: skip


def make_sessions(n: int) -> list[Session]:
    start = Moment(1_767_225_600, "UTC")
    return [Session(id=f"s{at}", person_id="p", start=start, end=start.plus(minutes=30)) for at in range(n)]


def test_pain_before_less_pain_after() -> None:
    result = compare_symptoms(make_sessions(8), scores(8, lambda at: 5 + at % 3, lambda at: 3))
    (pain,) = result.symptoms
    # falls 2 3 4 2 3 4 2 3: all positive, so 2 of 2⁸ flips are as far out
    assert (pain.n, pain.estimate_points, pain.p_value) == (8, 3.0, 2 / 256)
    assert (pain.ci_low, pain.ci_high) == (2.0, 3.5)
    assert say_symptom(pain) == (
        "pain: on average 3.0 points lower after 8 sessions (95 % interval 2.0 to 3.5, on a scale of 0 to 10). "
        "Exploratory."
    )
    assert words.SYMPTOM_NO_COMPARISON in result.notes


def test_seven_pairs_of_scores_are_refused() -> None:
    (pain,) = compare_symptoms(make_sessions(9), scores(7, lambda at: 5, lambda at: 3)).symptoms
    assert (pain.n, pain.estimate_points) == (7, None)
    assert say_symptom(pain) == "pain: Too few sessions with a score before and after (7 of 8)."


def test_scores_without_their_other_half_or_session_do_not_count() -> None:
    whole = scores(8, lambda at: 5, lambda at: 3)
    half = [score for score in scores(20, lambda at: 9, lambda at: 0) if score.phase is Phase.BEFORE][8:]
    (pain,) = compare_symptoms(make_sessions(10), [*half, *whole]).symptoms
    assert (pain.n, pain.estimate_points) == (8, 2.0)


def test_symptoms_are_one_family() -> None:
    stress = scores(8, lambda at: 4 + at % 2, lambda at: 4, "stress")
    result = compare_symptoms(make_sessions(8), [*stress, *scores(8, lambda at: 5 + at % 3, lambda at: 3)])
    by_name = {change.symptom: change for change in result.symptoms}
    # pain .0078 and stress 2/2⁴ = .125 (zeros drop out): times 2/1 and 2/2
    assert by_name["pain"].p_adjusted == pytest.approx(4 / 256)
    assert by_name["stress"].p_adjusted == pytest.approx(0.125)


def test_a_comparison_says_its_numbers(make_person: MakePerson) -> None:
    found = one(compare_factors(stronger_when_deep(make_person(), 25)).factors, "pressure")
    told_as = say_factor(replace(found, estimate_mg_dl=24.6, ci_low=12.2, ci_high=33.0), Unit.MG_DL)
    assert told_as == (
        "pressure 5 or more: glucose fell 25 mg/dL more in 20 such sessions than in 20 others (95 % interval 12 to "
        "33). Exploratory."
    )
