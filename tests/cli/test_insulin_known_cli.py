"""Somebody on basal insulin alone has no bolus to log: `check` counts none as known, also in the risk."""

from __future__ import annotations

import pytest
from tests.cli.conftest import Shell


@pytest.mark.parametrize(("therapy", "known"), [("basal", True), ("mdi", False)])
def test_no_bolus_in_the_log(ada: Shell, therapy: str, known: bool) -> None:
    assert ada("person", "edit", "--therapy", therapy).code == 0
    for ago in ("20m", "15m", "10m", "5m", "1m"):
        assert ada("bg", "110", "--at", f"{ago} ago", "--source", "cgm").code == 0
    document = ada.json("check", "--area", "back", code=0 if known else 10)
    assert (document["iob_units"] == 0) is known
    assert (document["low_risk"]["30"]["assumed"] == []) is known
