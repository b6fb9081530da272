"""Groups too small to show: nothing about 1 to 10 people, and nothing from which that follows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from glucolog.analysis.small_cells import Guard, distribution, funnel, may_show
from hypothesis import given
from hypothesis import strategies as st


def test_the_policy_hides_one_to_ten_and_shows_none_and_eleven() -> None:
    assert [may_show(people) for people in (0, 1, 10, 11)] == [True, False, False, True]


def first(people: int, everyone: int = 200) -> np.ndarray:
    return np.arange(everyone) < people


def test_a_step_is_withheld_when_what_it_leaves_behind_is_small() -> None:
    counts = ("all", 100), ("worn", 95), ("low", 60), ("long", 4), ("none", 0)
    steps = funnel([(name, first(people, 100)) for name, people in counts], Guard(100))
    assert [step.people for step in steps] == [100, None, 60, None, 0]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=6))
def test_no_shown_number_nor_difference_of_a_funnel_is_small(drawn: list[int]) -> None:
    steps = funnel([(str(people), first(people)) for people in sorted(drawn, reverse=True)], Guard(200))
    shown = [200, *(step.people for step in steps if step.people is not None)]
    assert all(may_show(people) for people in shown)
    assert all(may_show(before - after) for before, after in pairwise(shown))


@given(st.lists(st.integers(0, 2**60 - 1), max_size=5))
def test_no_two_counted_groups_differ_by_a_few_people(drawn: list[int]) -> None:
    guard, shown = Guard(60), [set(range(60))]
    for bits in drawn:
        flags = [bool(bits >> place & 1) for place in range(60)]
        if guard.count(np.array(flags)) is not None:
            shown.append({place for place, flag in enumerate(flags) if flag})
    assert all(may_show(len(one - other)) for one in shown for other in shown)


def test_two_measures_of_almost_the_same_people_are_not_both_counted() -> None:
    guard = Guard(40)
    known = [1.0] * 20 + [None] * 20
    one_more = [1.0] * 21 + [None] * 19
    assert distribution("gri", known, guard).people == 20
    hidden = distribution("cv_percent", one_more, guard)
    assert (hidden.people, hidden.bars) == (None, ())
    assert hidden.quartiles == (1.0, 1.0, 1.0)


def test_ten_values_are_withheld_and_eleven_shown() -> None:
    few = distribution("gri", [1.0] * 10, Guard(10))
    assert (few.people, few.quartiles, few.mean) == (None, None, None)
    shown = distribution("gri", [float(n) for n in range(11)], Guard(11))
    assert (shown.people, shown.mean, shown.quartiles) == (11, 5.0, (2.5, 5.0, 7.5))
    assert [(bar.low, bar.high, bar.people) for bar in shown.bars] == [(0.0, 20.0, 11)]


def test_nobodys_own_value_is_an_edge() -> None:
    values = [40.3 + 0.37 * n for n in range(60)]
    edges = {edge for bar in distribution("gri", values, Guard(60)).bars for edge in (bar.low, bar.high)}
    assert edges == {40.0, 45.0, 50.0, 55.0, 65.0}


def test_a_few_without_a_value_would_follow_from_the_rest() -> None:
    assert distribution("gri", [1.0] * 20 + [None] * 3, Guard(23)).people is None
    assert distribution("gri", [1.0] * 20 + [None] * 11, Guard(31)).people == 20


@given(st.lists(st.floats(0, 100), min_size=11, max_size=300))
def test_every_bar_is_about_enough_people_and_all_are_counted(values: list[float]) -> None:
    shown = distribution("gri", values, Guard(len(values)))
    assert all(may_show(bar.people) and bar.people for bar in shown.bars)
    assert sum(bar.people for bar in shown.bars) == len(values)
    assert all(one.high == two.low for one, two in pairwise(shown.bars))
