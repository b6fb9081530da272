"""How much of the insulin at the massaged site could act during the session: a band, labelled an estimate."""

from __future__ import annotations

from glucolog.core import evidence
from glucolog.core.citations import CITATIONS
from glucolog.core.findings import Unassessed
from glucolog.core.gate.facts import GateCase
from glucolog.core.insulin import AcceleratedBand, accelerated_band, is_child
from glucolog.core.records import Dose, InsulinKind
from glucolog.core.rules import body
from glucolog.core.units import round_half_up
from glucolog.core.wording import insulin as words

SAUNA = "sauna"


def accelerated(case: GateCase) -> AcceleratedBand | None:
    """Return the band of the doses at the massaged site, of all doses for a sauna, or None where neither applies."""
    if isinstance(case.on_board, Unassessed):
        return None
    at, minutes = case.facts.at, case.facts.minutes
    child = is_child(case.facts.person, at)
    if at_site := _doses_at_site(case):
        return _unless_empty(accelerated_band(at_site, at, minutes, child=child))
    if SAUNA not in case.facts.tools:
        return None
    factors, cited = evidence.SAUNA_SPEED_UP, ("koivisto-1980",)
    return _unless_empty(accelerated_band(case.body.doses, at, minutes, factors=factors, citations=cited, child=child))


def is_of_sauna(band: AcceleratedBand) -> bool:
    """Whether a sauna is what speeds it up, and not massage or heat at the site."""
    return "koivisto-1980" in band.citations


def band_words(band: AcceleratedBand) -> dict[str, object]:
    """Return the words of `wording.insulin.BAND` for a band."""
    usual, *faster = band.speed_ups
    steps = (words.BAND_STEP.format(units=round_half_up(s.units, 1), factor=f"{s.factor:g}") for s in faster)
    sauna = is_of_sauna(band)
    return {
        "remaining": round_half_up(band.remaining_units, 1),
        "usual": round_half_up(usual.units, 1),
        "minutes": f"{band.minutes:.0f}",
        "band": ", ".join(steps),
        "exposure": words.SAUNA_EXPOSURE if sauna else words.MASSAGE_EXPOSURE,
        "sources": ", ".join(CITATIONS[key].label for key in band.citations),
        "models": ", ".join(band.models),
        "assumed": words.SITE_ASSUMED if band.site_assumed and not sauna else "",
    }


def _unless_empty(band: AcceleratedBand) -> AcceleratedBand | None:
    return band if band.remaining_units > 0 else None


def _doses_at_site(case: GateCase) -> list[Dose]:
    known = {site.dose.id: site.dose for site in body.site_conflicts(case.body) if site.dose}
    loose = body.doses_without_site(case.body) if body.site_unknown(case.body) else ()
    here = {dose.id: dose for dose in (*known.values(), *body.doses_by_pump_at(case.body), *loose)}
    return [dose for dose in here.values() if dose.kind is not InsulinKind.LONG]
