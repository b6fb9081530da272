"""Groups too small to show: nothing about 1 to 10 people, and nothing from which that follows."""

from __future__ import annotations

from itertools import pairwise

from glucolog.analysis.small_cells import distribution, funnel, may_show
from hypothesis import given
from hypothesis import strategies as st


def test_the_policy_hides_one_to_ten_and_shows_none_and_eleven() -> None:
    assert [may_show(people) for people in (0, 1, 10, 11)] == [True, False, False, True]


def test_a_step_is_withheld_when_what_it_leaves_behind_is_small() -> None:
    steps = funnel([("all", 100), ("worn", 95), ("low", 60), ("long", 4), ("none", 0)])
    assert [step.people for step in steps] == [100, None, 60, None, 0]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=6))
def test_no_shown_number_nor_difference_of_a_funnel_is_small(drawn: list[int]) -> None:
    counts = sorted(drawn, reverse=True)
    shown = [step.people for step in funnel([(str(n), n) for n in counts]) if step.people is not None]
    assert all(may_show(people) for people in shown)
    assert all(may_show(before - after) for before, after in pairwise(shown))


def test_ten_values_are_withheld_and_eleven_shown() -> None:
    assert distribution("gri", [1.0] * 10, 10).people is None
    shown = distribution("gri", [float(n) for n in range(11)], 11)
    assert (shown.people, shown.mean, shown.quartiles) == (11, 5.0, (2.5, 5.0, 7.5))
    assert [(bar.low, bar.high, bar.people) for bar in shown.bars] == [(0.0, 20.0, 11)]


def test_nobodys_own_value_is_an_edge() -> None:
    values = [40.3 + 0.37 * n for n in range(60)]
    edges = {edge for bar in distribution("gri", values, 60).bars for edge in (bar.low, bar.high)}
    assert edges == {40.0, 45.0, 50.0, 55.0, 65.0}


def test_a_few_without_a_value_would_follow_from_the_rest() -> None:
    assert distribution("gri", [1.0] * 20 + [None] * 3, 23).people is None
    assert distribution("gri", [1.0] * 20 + [None] * 11, 31).people == 20


@given(st.lists(st.floats(0, 100), min_size=11, max_size=300))
def test_every_bar_is_about_enough_people_and_all_are_counted(values: list[float]) -> None:
    shown = distribution("gri", values, len(values))
    assert all(may_show(bar.people) and bar.people for bar in shown.bars)
    assert sum(bar.people for bar in shown.bars) == len(values)
    assert all(one.high == two.low for one, two in pairwise(shown.bars))
