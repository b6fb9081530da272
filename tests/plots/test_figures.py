"""Every kind of plot: it draws, says the same in a table, bridges no gap, and keeps to the theme."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from glucolog import plots
from glucolog.core.units import Unit
from glucolog.errors import UsageError
from glucolog.plots import paired, theme
from glucolog.plots.calendar import CalendarData, CalendarDay
from glucolog.plots.effect import EffectData, EffectRow
from glucolog.plots.paired import PairedData
from glucolog.plots.session import SessionData
from glucolog.plots.table import label, plain

KINDS = tuple(plots.PLOT_KINDS)
Samples = dict[str, Any]
HOSTILE = '</script><b>x</b>\u202e<a href="javascript:alert(1)">😀'


def as_json(kind: str, data: Any) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(plots.load(kind).figure(data).to_json())
    drawn["layout"].pop("template", None)
    return drawn


def colours(value: object) -> set[str]:
    """Every colour in a figure, wherever it stands."""
    if isinstance(value, dict):
        return {found for each in value.values() for found in colours(each)}
    if isinstance(value, list):
        return {found for each in value for found in colours(each)}
    return {value} if isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{3,8}|rgba?\(.*\)", value) else set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_draws_and_tells_the_same_in_words(kind: str, full: Samples) -> None:
    drawn, table = as_json(kind, full[kind]), plots.load(kind).table(full[kind])
    assert drawn["data"]
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert plots.load(kind).summary(full[kind]).endswith((".", "lower", "higher"))


@pytest.mark.parametrize("kind", KINDS)
def test_no_data_is_said_in_the_picture_and_in_words(kind: str, nothing: Samples) -> None:
    drawn = as_json(kind, nothing[kind])
    said = drawn["layout"]["annotations"][0]["text"].replace("<br>", " ")
    assert drawn["data"] == []
    assert said.startswith(("There ", "No ", "Nothing "))
    assert plots.load(kind).summary(nothing[kind])
    assert plots.load(kind).table(nothing[kind]).head


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_bridges_a_gap_and_every_colour_has_a_dark_partner(kind: str, full: Samples) -> None:
    drawn = as_json(kind, full[kind])
    lines = [piece for piece in drawn["data"] if piece["type"] == "scatter" and "lines" in piece["mode"]]
    assert all(piece.get("connectgaps", False) is False for piece in lines)
    assert colours(drawn) <= set(theme.dark_of())


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_in_mmol_l_names_its_unit_and_has_no_other(kind: str, full: Samples) -> None:
    data = full[kind]
    if not hasattr(data, "scale"):
        return
    mmol = replace(data, scale=theme.Scale(unit=Unit.MMOL_L, low=3.9, high=10.0))
    titles = json.dumps(as_json(kind, mmol)["layout"])
    assert "mg/dL" not in titles


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="timeline"):
        plots.load("timelin")


def test_every_reading_is_in_the_timeline(full: Samples) -> None:
    from glucolog.plots.timeline import figure

    trace = full["timeline"].traces[0]
    drawn = figure(full["timeline"]).data[0]
    assert drawn.y[~np.isnan(drawn.y)].tolist() == list(trace.amount)
    assert drawn.meta == {"dense": True}


def test_pairs_are_told_apart_by_meter_error(full: Samples) -> None:
    data: PairedData = full["paired"]
    ways = [paired.way_of(each).name for each in data.sessions if each.ends]
    drops = [each.change.drop_mg_dl for each in data.sessions if each.ends]
    errors = [each.change.meter_error_mg_dl for each in data.sessions if each.ends]
    for way, drop, error in zip(ways, drops, errors, strict=True):
        assert drop is not None
        assert error is not None
        assert way == ("within meter error" if abs(drop) <= error else "fell" if drop > 0 else "rose")
    assert f"{len(ways)} of {len(data.sessions)} sessions" in paired.summary(data)


def test_a_refusal_is_drawn_with_its_reason_and_n() -> None:
    row = EffectRow(
        label="foot", group="area", n=5, n_others=9, n_unmatched=1, grade="none", reason="Too few (5 of 8)."
    )
    data = EffectData(scale=theme.Scale(unit=Unit.MG_DL, low=70, high=180), outcome="change", rows=(row,))
    layout = as_json("effect", data)["layout"]
    assert layout["yaxis"]["ticktext"] == ["foot<br>n=5 and 9"]
    (refused,) = layout["annotations"]
    assert refused["text"] == "no estimate"  # short enough for a phone; why stands under the pointer and in the table
    assert refused["hovertext"].replace("<br>", " ") == "no estimate: Too few (5 of 8)."
    assert plots.load("effect").table(data).rows[0][-1] == "Too few (5 of 8)."


def test_a_persons_words_are_text_in_a_chart() -> None:
    shown = plain(HOSTILE)
    assert "<" not in shown
    assert "\u202e" not in shown
    assert "😀" in shown
    assert len(label("x" * 10_000)) == 80


def test_the_session_figure_shows_only_its_window(full: Samples) -> None:
    data: SessionData = full["session"]
    minutes = [at for piece in plots.load("session").figure(data).data for at in piece.x]
    assert min(minutes) >= -120
    assert max(minutes) <= 360


def test_the_order_of_many_sessions_is_marked_a_dozen_times_at_most(full: Samples) -> None:
    many = replace(full["paired"], sessions=full["paired"].sessions * 80)
    axis = as_json("paired", many)["layout"]["xaxis2"]
    marks = axis["range"][1] / axis["dtick"]
    assert 5 <= marks <= 13
    assert as_json("paired", full["paired"])["layout"]["xaxis2"]["dtick"] == 5


def test_a_cloud_of_sessions_is_paler_than_its_median(full: Samples) -> None:
    def opacity(times: int) -> float:
        many = replace(full["aligned"], curves=full["aligned"].curves * times)
        drawn = as_json("aligned", many)["data"]
        return float(next(each["opacity"] for each in drawn if each["name"] == "each session"))

    assert opacity(1) == 1
    assert 0 < opacity(200) < 0.3


def test_a_calendar_of_ten_years_draws_the_last_and_tells_every_day() -> None:
    days = tuple(CalendarDay(day=date(2016, 1, 1) + timedelta(days=each), n_sessions=1) for each in range(3653))
    ten_years = CalendarData(scale=theme.Scale(unit=Unit.MG_DL, low=70, high=180), days=days)
    drawn, kind = as_json("calendar", ten_years)["layout"], plots.load("calendar")
    labels = drawn["yaxis"]["ticktext"]
    assert (len(labels), labels[0], labels[-1]) == (53, "30 Dec 2024", "29 Dec")
    assert [each for each in labels if "2025" in each] == ["6 Jan 2025"]
    assert len(kind.table(ten_years).rows) == 3653
    assert kind.summary(ten_years).endswith("The last 53 weeks are drawn; the table has every day.")
    assert "last" not in kind.summary(replace(ten_years, days=days[-300:]))
