"""Who a person is, as typed, and how it becomes or changes a `Person`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from glucolog.core.moments import Moment, format_moment, parse_minute_of_day, parse_when, zone_info
from glucolog.core.records import Insulin, InsulinKind, Person, Site, SiteKind, TargetSet, Therapy
from glucolog.core.units import Glucose, Unit, parse_glucose
from glucolog.core.vocabulary import INSULIN_NAMES, NEUROPATHIES, parse_place, parse_word, unknown_word
from glucolog.errors import NotFoundError, RefusedError, UsageError
from glucolog.services.clearing import without

LONGEST_NAME = 100
UNIT_WORDS = {"mg/dl": Unit.MG_DL, "mgdl": Unit.MG_DL, "mg": Unit.MG_DL, "mmol/l": Unit.MMOL_L, "mmol": Unit.MMOL_L}


CLEARED = {
    "sensation_lost": ("protective_sensation_lost", "sensation_checked_on"),
    "impaired_awareness": ("impaired_awareness",),
    "severe_low_at": ("severe_low_at",),
    "target_low": ("target_low",),
    "target_high": ("target_high",),
    "birth_year": ("birth_year",),
    "low_plan": ("low_plan",),
    "bedtime": ("bedtime_minute",),
    "note": ("note",),
}
"""What can be emptied again, and the fields of a person that it empties."""
LISTS = {name: (name,) for name in ("insulins", "neuropathies", "questions")}
"""The lists that can be emptied as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What was said about a person; None or empty where it was not.

    `gone_…` are taken off their lists, `cleared` are names of `CLEARED` and `LISTS` that are to be empty.
    """

    name: str | None = None
    unit: Unit | None = None
    zone: str | None = None
    therapy: Therapy | None = None
    insulins: tuple[Insulin, ...] = ()
    sites: tuple[Site, ...] = ()
    gone_sites: tuple[Site, ...] = ()
    neuropathies: tuple[str, ...] = ()
    gone_insulins: tuple[str, ...] = ()
    gone_neuropathies: tuple[str, ...] = ()
    gone_questions: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    sensation_lost: bool | None = None
    impaired_awareness: bool | None = None
    severe_low_at: Moment | None = None
    target_set: TargetSet | None = None
    target_low: str | None = None
    target_high: str | None = None
    birth_year: int | None = None
    low_plan: str | None = None
    bedtime_minute: int | None = None
    questions: tuple[str, ...] = ()
    research_consent: bool | None = None
    note: str | None = None

    @classmethod
    def of(cls, given: dict[str, Any], clock: Callable[[str], Moment]) -> Profile:
        """Read a profile from option values; `clock` tells now in a zone. Raises what the words deserve."""
        zone = zone_info(given["zone"]).key if given["zone"] else None
        severe = given["severe_low_at"]
        return cls(
            name=parse_name(given["name"]) if given["name"] is not None else None,
            unit=parse_unit(given["unit"]) if given["unit"] else None,
            zone=zone,
            therapy=Therapy(given["therapy"]) if given["therapy"] else None,
            insulins=tuple(parse_insulin(text) for text in given["insulins"]),
            sites=tuple(parse_site(text) for text in given["sites"]),
            gone_sites=tuple(parse_site(text) for text in given["gone_sites"]),
            neuropathies=tuple(parse_word("neuropathy", text, NEUROPATHIES) for text in given["neuropathies"]),
            sensation_lost=given["sensation_lost"],
            impaired_awareness=given["impaired_awareness"],
            severe_low_at=parse_when(severe, clock(zone or "UTC")) if severe else None,
            target_set=TargetSet(given["target_set"]) if given["target_set"] else None,
            target_low=given["target_low"],
            target_high=given["target_high"],
            birth_year=given["birth_year"],
            low_plan=given["low_plan"],
            bedtime_minute=parse_minute_of_day(given["bedtime"]) if given["bedtime"] else None,
            questions=tuple(given["questions"]),
            research_consent=given["research_consent"],
            note=given["note"],
            gone_insulins=tuple(given.get("gone_insulins", ())),
            gone_neuropathies=tuple(given.get("gone_neuropathies", ())),
            gone_questions=tuple(given.get("gone_questions", ())),
            cleared=tuple(parse_word("setting", word, [*CLEARED, *LISTS]) for word in given.get("cleared", ())),
        )


def create(profile: Profile, person_id: str, *, today: date) -> Person:
    """Make a new person. Raises `UsageError` when name, unit, zone or therapy were not said."""
    needed = {"--name": profile.name, "--unit": profile.unit, "--tz": profile.zone, "--therapy": profile.therapy}
    missing = [option for option, value in needed.items() if value is None]
    if missing or profile.name is None or profile.unit is None or profile.zone is None or profile.therapy is None:
        raise UsageError(f"Still needed: {', '.join(missing)}.", "Say them as options, or run init at a terminal.")
    bare = Person(id=person_id, name=profile.name, unit=profile.unit, zone=profile.zone, therapy=profile.therapy)
    return apply(bare, profile, today=today)


def apply(person: Person, profile: Profile, *, today: date) -> Person:
    """Return the person with what was said; lists grow but for what is gone; a site that is gone gets its last day.

    What is `cleared` is taken out first. Raises `RefusedError` for a year of birth or a low that has not come yet, and
    for targets that cross; `NotFoundError` for a site that is gone and was not there.
    """
    _refuse_to_come(profile, today)
    person = without(person, (field for word in profile.cleared for field in (CLEARED | LISTS)[word]))
    plain = {
        "name": profile.name,
        "unit": profile.unit,
        "zone": profile.zone,
        "therapy": profile.therapy,
        "protective_sensation_lost": profile.sensation_lost,
        "sensation_checked_on": today if profile.sensation_lost is not None else None,
        "impaired_awareness": profile.impaired_awareness,
        "severe_low_at": profile.severe_low_at,
        "target_set": profile.target_set,
        "birth_year": profile.birth_year,
        "low_plan": profile.low_plan,
        "bedtime_minute": profile.bedtime_minute,
        "research_consent": profile.research_consent,
        "note": profile.note,
    }
    changed = replace(person, **{name: value for name, value in plain.items() if value is not None})  # type: ignore[arg-type]  # the keys are Person's fields
    return _with_targets(_with_lists(changed, profile, today), profile)


def parse_name(text: str) -> str:
    """Return a name without outer blanks; refuse an empty one, a long one and one that does not print."""
    name = text.strip()
    if not name:
        raise UsageError("The name is empty.", "Type the person's name.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise RefusedError(
            "This is not a name.", f"Type up to {LONGEST_NAME} letters, without line breaks and control characters."
        )
    return name


def parse_unit(text: str) -> Unit:
    """Read a glucose unit, case aside."""
    try:
        return UNIT_WORDS[text.strip().lower()]
    except KeyError as error:
        raise unknown_word("unit", text, [*Unit]) from error


def parse_insulin(text: str) -> Insulin:
    """Read `aspart` or `mix30=mixed`: a name, and how it acts where the name is not a known one."""
    name, _, kind = (part.strip() for part in text.partition("="))
    if kind:
        return Insulin(name=name, kind=InsulinKind(parse_word("insulin kind", kind, [*InsulinKind])))
    known = INSULIN_NAMES.get(name.lower().replace(" ", "-"))
    if known is None:
        raise UsageError(
            f"“{name}” is not an insulin glucolog knows.",
            f"Say how it acts: {name}=KIND, where KIND is one of {', '.join(InsulinKind)}.",
        )
    return Insulin(name=name, kind=InsulinKind(known))


def parse_site(text: str) -> Site:
    """Read `pump:abdomen`, `sensor:arm:left`, `lipohypertrophy:thigh:right`."""
    kind, _, place = text.partition(":")
    if not place:
        raise UsageError(f"“{text}” does not say where.", "Type a site like pump:abdomen or sensor:arm:left.")
    return Site(kind=SiteKind(parse_word("site", kind, [*SiteKind])), place=parse_place(place))


def _refuse_to_come(profile: Profile, today: date) -> None:
    if profile.birth_year is not None and profile.birth_year > today.year:
        raise RefusedError(f"The year of birth {profile.birth_year} has not come yet.", "Check --born.")
    if profile.severe_low_at is not None and profile.severe_low_at.local_day > today:
        raise RefusedError(f"{format_moment(profile.severe_low_at)} is in the future.", "Check --severe-low.")


def _with_lists(person: Person, profile: Profile, today: date) -> Person:
    gone_names = {name.lower() for name in profile.gone_insulins}
    kept = (insulin for insulin in person.insulins if insulin.name.lower() not in gone_names)
    insulins = {insulin.name.lower(): insulin for insulin in (*kept, *profile.insulins)}
    return replace(
        person,
        insulins=tuple(insulins.values()),
        sites=_sites(person, profile, today),
        neuropathies=_without(person.neuropathies, profile.gone_neuropathies, profile.neuropathies),
        questions=_without(person.questions, profile.gone_questions, profile.questions),
    )


def _without(there: tuple[str, ...], gone: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(word for word in there if word not in gone), *new)))


def _sites(person: Person, profile: Profile, today: date) -> tuple[Site, ...]:
    """Return the sites, those that are gone with their last day, those that are new with their first."""
    present = {(site.kind, site.place) for site in person.sites if site.until is None}
    gone = {(site.kind, site.place) for site in profile.gone_sites}
    for kind, place in gone - present:
        raise NotFoundError(f"There is no {kind} site at the {place.words}.", "`glucolog person show` lists them.")
    there = (
        replace(site, until=today) if (site.kind, site.place) in gone and site.until is None else site
        for site in person.sites
    )
    new = {(site.kind, site.place): site for site in profile.sites}
    added = (replace(site, since=today) for where, site in new.items() if where not in present - gone)
    return (*there, *added)


def _with_targets(person: Person, profile: Profile) -> Person:
    low, high = (
        parse_glucose(text, person.unit) if text else old
        for text, old in ((profile.target_low, person.target_low), (profile.target_high, person.target_high))
    )
    _refuse_crossed(low, high)
    return replace(person, target_low=low, target_high=high)


def _refuse_crossed(low: Glucose | None, high: Glucose | None) -> None:
    if low is not None and high is not None and low.mg_dl >= high.mg_dl:
        raise RefusedError(
            "The low end of the target is not under the high end.", "Check --target-low and --target-high."
        )
