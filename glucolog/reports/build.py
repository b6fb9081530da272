"""Facts in, report model out: every sentence of a report is put together here, from core/wording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from glucolog.analysis.agp import AmbulatoryProfile
from glucolog.core.citations import CITATIONS
from glucolog.core.findings import Finding, Unassessed
from glucolog.core.moments import Moment
from glucolog.core.records import Dose, FootCheck, Person, Session, Symptom
from glucolog.core.vocabulary import FOOT_FINDINGS, FOOT_REGIONS
from glucolog.core.wording import metrics as metrics_wording
from glucolog.core.wording import report as wording
from glucolog.plots import agp, aligned, calendar, effect, overnight, words
from glucolog.plots.effect import EffectData
from glucolog.plots.feet import FeetData
from glucolog.plots.paired import PairedData, SessionPair
from glucolog.plots.paired import summary as paired_summary
from glucolog.plots.session import placed
from glucolog.plots.symptoms import SymptomsData, is_open
from glucolog.plots.table import joined
from glucolog.plots.theme import Scale
from glucolog.plots.timeline import TimelineData
from glucolog.plots.words import counted
from glucolog.reports import glucose_part, session_part
from glucolog.reports.facts import ReportFacts, Reviewed
from glucolog.reports.model import Charts, Fact, Period, ReportModel, Version


def report_model(facts: ReportFacts) -> ReportModel:
    """Return the model of a report. Works for no data at all; what is not there is named in `missing`."""
    if facts.deidentify:
        return _report_model(_without_identity(facts))
    return _report_model(facts)


def _report_model(facts: ReportFacts) -> ReportModel:
    scale, metrics = Scale.of(facts.person), facts.sensor or facts.meter
    ranges, note = glucose_part.range_shares(metrics, scale)
    ordered = tuple(sorted(facts.sessions, key=lambda each: each.session.start))
    charts, period = _charts(facts, ordered, scale), _period(facts)
    return ReportModel(
        title=_title(facts),
        made_up=wording.MADE_UP if facts.made_up else None,
        deidentified=wording.DEIDENTIFIED if facts.deidentify else None,
        made_at=facts.made_at,
        scale=scale,
        who=_who(facts.person, scale, named=not facts.deidentify),
        period=period,
        quality=glucose_part.quality(facts.sensor, facts.meter),
        summary=_summary(facts, ordered, charts.paired, period, scale),
        numbers=glucose_part.five_numbers(metrics, scale),
        ranges=ranges,
        ranges_note=note,
        sessions=tuple(session_part.session_row(each, scale) for each in ordered),
        lows=session_part.low_lines(ordered, scale),
        no_lows=session_part.no_lows_words(ordered),
        effect_sentences=session_part.effect_sentences(facts.effect, scale),
        open_items=open_items(facts.symptoms, facts.foot_checks),
        questions=facts.person.questions,
        missing=_missing(facts, ordered),
        method=(*wording.METHOD, wording.SOURCES.format(labels=_source_labels(ordered))),
        disclaimer=wording.DISCLAIMER,
        versions=tuple(Version(part=part, version=version) for part, version in facts.versions),
        charts=charts,
    )


def _charts(facts: ReportFacts, ordered: tuple[Reviewed, ...], scale: Scale) -> Charts:
    sessions = tuple(each.session for each in ordered)
    low_after = [each.session for each in ordered if session_part.lows_within_6_h(each)]
    zone = facts.person.zone
    return Charts(
        paired=_paired(ordered, scale),
        aligned=aligned.from_traces(facts.traces, sessions, scale, _control_starts_s(facts)),
        agp=agp.from_profile(_profile(facts), scale, [session.start for session in sessions]),
        effect=_effect(facts, scale),
        calendar=calendar.from_days(facts.sensor.per_day if facts.sensor else (), sessions, low_after, scale),
        timeline=TimelineData(
            scale=scale, zone=zone, traces=facts.traces, sessions=sessions, findings=tuple(_loud_findings(ordered))
        ),
        symptoms=SymptomsData(zone=zone, scores=facts.symptoms),
        feet=FeetData(zone=zone, checks=facts.foot_checks),
        overnight=overnight.from_traces(facts.traces, sessions, scale),
    )


def _loud_findings(ordered: tuple[Reviewed, ...]) -> Iterator[tuple[Moment, Finding]]:
    for each in ordered:
        start = each.session.start
        loud = (finding for finding in each.findings if finding.level in session_part.LOUD)
        yield from ((found.at or start, found.finding) for found in placed(loud, start.zone))


def _effect(facts: ReportFacts, scale: Scale) -> EffectData:
    if facts.effect is None:
        return EffectData(scale=scale, outcome="")
    return effect.from_results(facts.effect, facts.factors, scale)


def _control_starts_s(facts: ReportFacts) -> tuple[int, ...]:
    windows = facts.effect.windows if facts.effect else ()
    return tuple(sorted({at_s for window in windows for at_s in window.controls_at_s}))


def _profile(facts: ReportFacts) -> AmbulatoryProfile | Unassessed:
    return facts.profile or Unassessed(metrics_wording.NO_READINGS)


def _paired(ordered: tuple[Reviewed, ...], scale: Scale) -> PairedData:
    return PairedData(
        scale=scale,
        sessions=tuple(SessionPair(session=each.session, paired=each.paired, change=each.change) for each in ordered),
    )


def _title(facts: ReportFacts) -> str:
    return wording.TITLE if facts.deidentify else wording.TITLE_OF.format(name=facts.person.name)


def _period(facts: ReportFacts) -> Period:
    first = facts.since.local_day
    last = max(first, facts.until.plus(seconds=-1).local_day)
    days = (last - first).days + 1
    told = counted(days, wording.PERIOD, since=words.day_words(first), until=words.day_words(last))
    return Period(since=first, until=last, days=days, words=told)


def _who(person: Person, scale: Scale, *, named: bool) -> tuple[Fact, ...]:
    born = str(person.birth_year) if person.birth_year else None
    facts = (
        ("Name", person.name if named else wording.WITHOUT_NAME),
        ("Born", born),
        ("Therapy", _therapy(person)),
        ("Targets", _targets(person, scale)),
        ("Conditions", joined(_conditions(person), "") or None),
    )
    return tuple(Fact(label=label, words=told) for label, told in facts if told)


def _therapy(person: Person) -> str:
    insulins = joined((insulin.name for insulin in person.insulins), "")
    told = wording.THERAPY_WORDS[person.therapy]
    return f"{told}: {insulins}" if insulins else told


def _targets(person: Person, scale: Scale) -> str:
    told = wording.TARGET_SET_WORDS[person.target_set]
    if not scale.own:
        return f"{told}, {scale.range_words()}"
    low, high = (scale.words(each) for each in (scale.low, scale.high))
    return f"{wording.OWN_TARGET.format(low=low, high=high)}; {told}"


def _conditions(person: Person) -> list[str]:
    found = [f"{each} neuropathy" for each in person.neuropathies]
    if person.protective_sensation_lost:
        found.append(wording.SENSATION_LOST)
    elif person.protective_sensation_lost is None and "peripheral" in person.neuropathies:
        found.append(wording.SENSATION_UNKNOWN)
    if person.impaired_awareness:
        found.append(wording.IMPAIRED_AWARENESS)
    return found


def _summary(
    facts: ReportFacts, ordered: tuple[Reviewed, ...], paired: PairedData, period: Period, scale: Scale
) -> tuple[str, ...]:
    if not ordered:
        return (wording.SUMMARY_NO_SESSIONS, *_open_sentence(facts))
    warned = session_part.warning_count(ordered)
    return (
        counted(len(ordered), wording.SUMMARY_SESSIONS, days=counted(period.days, wording.SUMMARY_DAYS)),
        *session_part.effect_answer(facts.effect, scale),
        *session_part.lows_sentences(ordered),
        *((counted(warned, wording.SUMMARY_WARNINGS),) if warned else ()),
        paired_summary(paired),
        wording.BEFORE_AFTER_CAVEAT,
        *_open_sentence(facts),
    )


def _open_sentence(facts: ReportFacts) -> tuple[str, ...]:
    n = len(open_items(facts.symptoms, facts.foot_checks))
    return (counted(n, wording.SUMMARY_OPEN),) if n else ()


def open_items(symptoms: tuple[Symptom, ...], checks: tuple[FootCheck, ...]) -> tuple[str, ...]:
    """Return, newest first, a line for each new or worse symptom and foot finding that the team was not told."""
    found = [(each.at, _symptom_line(each)) for each in symptoms if is_open(each)]
    found += [(check.at, line) for check in checks if check.told_team_on is None for line in _foot_lines(check)]
    return tuple(line for _, line in sorted(found, key=lambda each: each[0], reverse=True))


def _symptom_line(symptom: Symptom) -> str:
    place = f", {symptom.place.words}" if symptom.place else ""
    return wording.OPEN_SYMPTOM.format(
        when=words.when(symptom.at), symptom=symptom.symptom, score=symptom.score, place=place
    )


def _foot_lines(check: FootCheck) -> list[str]:
    return [
        wording.OPEN_FOOT.format(
            when=words.when(check.at),
            finding=f"{each.side} foot, {FOOT_REGIONS.get(each.region, each.region)}: "
            f"{FOOT_FINDINGS.get(each.finding, each.finding)}",
        )
        for each in check.findings
    ]


def _missing(facts: ReportFacts, ordered: tuple[Reviewed, ...]) -> tuple[str, ...]:
    lines = (
        _unpaired_line(ordered),
        None if facts.sensor and facts.sensor.n else wording.MISSING_SENSOR,
        wording.MISSING_INSULIN if facts.person.takes_insulin and not facts.doses else None,
        None if facts.carbs else wording.MISSING_CARBS,
        _areas_line(ordered),
        _feet_line(facts, ordered),
        _effect_line(facts, ordered),
    )
    return tuple(line for line in lines if line) or (wording.NO_MISSING,)


def _unpaired_line(ordered: tuple[Reviewed, ...]) -> str | None:
    reasons = Counter(each.paired.unassessed.reason.rstrip(".") for each in ordered if each.paired.unassessed)
    if not reasons:
        return None
    told = "; ".join(f"{reason} ({n})" for reason, n in reasons.most_common())
    return counted(sum(reasons.values()), wording.MISSING_PAIRS, reasons=told)


def _areas_line(ordered: tuple[Reviewed, ...]) -> str | None:
    n = sum(not each.session.areas for each in ordered)
    return counted(n, wording.MISSING_AREAS) if n else None


def _feet_line(facts: ReportFacts, ordered: tuple[Reviewed, ...]) -> str | None:
    massaged = any(place.area == "foot" for each in ordered for place in each.session.areas)
    return wording.MISSING_FEET if massaged and not facts.foot_checks else None


def _effect_line(facts: ReportFacts, ordered: tuple[Reviewed, ...]) -> str | None:
    if not ordered or (facts.effect is not None and facts.effect.estimate_mg_dl is not None):
        return None
    return wording.MISSING_EFFECT.format(reason=facts.effect.reason if facts.effect else wording.NOT_COMPUTED)


def _source_labels(ordered: tuple[Reviewed, ...]) -> str:
    used = {session_part.source_label(finding.citation) for each in ordered for finding in each.findings}
    return joined(sorted({*used, *(CITATIONS[key].label for key in ("battelino-2019", "iso-15197"))}))


def _without_identity(facts: ReportFacts) -> ReportFacts:
    """Leave out what names a person: name, birth year, free text, other people's names; dates and zone are kept."""
    sessions = tuple(replace(each, session=_bare_session(each.session)) for each in facts.sessions)
    return replace(
        facts,
        person=replace(facts.person, name="", birth_year=None, questions=(), note=None, low_plan=None),
        sessions=sessions,
        doses=tuple(_bare_dose(dose) for dose in facts.doses),
        symptoms=tuple(replace(each, note=None) for each in facts.symptoms),
        foot_checks=tuple(_bare_check(check) for check in facts.foot_checks),
    )


def _bare_session(session: Session) -> Session:
    return replace(session, note=None, tags=(), performer_name=None)


def _bare_dose(dose: Dose) -> Dose:
    return replace(dose, note=None)


def _bare_check(check: FootCheck) -> FootCheck:
    return replace(check, note=None, findings=tuple(replace(each, note=None) for each in check.findings))
