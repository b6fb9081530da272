"""What the pages say and do without a screen: names, receipts, deletions, help, and the services behind them."""

from __future__ import annotations

import html
import re
import struct
import zlib
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from glucolog.cli import gate_text
from glucolog.core.moments import Moment
from glucolog.core.records import Note, Symptom
from glucolog.core.units import parse_glucose
from glucolog.core.vocabulary import AREAS, BodyArea, Side, parse_areas
from glucolog.core.wording.gate import PROVENANCE
from glucolog.errors import NotFoundError
from glucolog.services import caseload, entries, receipts
from glucolog.services.gate import Question, check
from glucolog.services.identity import Call, new_id
from glucolog.web import bodymap
from glucolog.web.markdown import to_html
from tests.web.conftest import Site, person_of, signed_in


def call(site: Site) -> Call:
    """Return what a change carries."""
    return Call(now=site.now(), uid=new_id())


def symptom(site: Site, name: str, **more: object) -> Symptom:
    """Return a score of a minute ago, so that no second that passes puts it ahead of its write."""
    person = site.person(name)
    fields = {
        "id": new_id(),
        "person_id": person.id,
        "at": site.now().plus(minutes=-1),
        "symptom": "pain",
        "score": 6,
    } | more
    return Symptom(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", ["/", "/before", "/add", "/add/insulin", "/sessions", "/plots", "/report", "/notes"])
def test_the_persons_name_stands_on_every_page_and_in_its_title(page: str, site: Site, client: FlaskClient) -> None:
    text = client.get(site.at("Bo") + page, follow_redirects=True).text
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    assert title is not None
    assert "– Bo –" in title[1]
    assert "<bdi>Bo</bdi>" in text


@pytest.mark.parametrize(
    ("ending", "name"),
    [("pdf", "glucolog report Ada 2026-05-09.pdf"), ("html", "glucolog report Ada 2026-05-09.html")],
)
def test_a_reports_file_is_named_after_the_person(ending: str, name: str, demo: Site) -> None:
    from glucolog.services import people
    from tests.web.conftest import person_of

    people.add(demo.log, person_of("Ada"), call(demo))
    answer = signed_in(demo).get(f"{demo.at('Ada')}/report/file/{ending}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_deidentified_report_names_nobody_in_its_file_name(site: Site, client: FlaskClient) -> None:
    answer = client.get(f"{site.at('Ada')}/report/file/txt?deidentify=yes")
    assert "Ada" not in answer.headers["Content-Disposition"]


def test_what_was_told_to_the_team_is_ticked_and_can_be_taken_back(site: Site, client: FlaskClient) -> None:
    ada, uid = site.person("Ada"), new_id()
    score = entries.add(site.log, ada, symptom(site, "Ada", new_or_worse=True), call(site))
    client.post(f"/p/{ada.id}/entries/symptom/{score.id}", data={"person": ada.id, "act": "told", "uid": uid})
    assert site.log.symptoms(ada.id)[0].told_team_on == site.now().local_day
    client.post(f"/p/{ada.id}/done/{uid}", data={"person": ada.id})
    assert site.log.symptoms(ada.id)[0].told_team_on is None


def test_what_is_unusual_is_stored_only_when_it_is_meant(site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    address, form = f"/p/{ada.id}/log", {"person": ada.id, "end": "10m ago", "minutes": "30"}
    assert client.post(f"{address}?form={new_id()}", data=form).status_code == 303
    asked = client.post(f"{address}?form={new_id()}", data=form)
    assert asked.status_code == 422
    assert "It overlaps the session of" in asked.text
    assert "Yes, store it all the same" in asked.text
    assert "--yes" not in asked.text
    assert client.post(f"{address}?form={new_id()}", data=form | {"confirmed": "yes"}).status_code == 303
    assert len(site.log.sessions(ada.id)) == 2


def test_a_mistyped_name_shows_nobody_and_offers_the_nearest(site: Site, client: FlaskClient) -> None:
    ana = person_of("Ana Müller")
    with site.log.write(uid=new_id(), summary="add", person_id=ana.id, at=site.now()) as writer:
        writer.add(ana)
    everyone = len(site.log.people())
    for typed in ("muller", "ANA", "üll"):
        page = client.get("/people", query_string={"named": typed}).text
        assert f"1 of {everyone} shown." in page
        assert f'<a href="/p/{ana.id}/"><b>' in page
    for typed in ("Anna Mueller", "mullre"):
        page = client.get("/people", query_string={"named": typed}).text
        assert f'Nobody fits. Did you mean <a href="/p/{ana.id}/"><bdi>Ana Müller</bdi></a>?' in page
        assert f"0 of {everyone} shown." in page
    assert "Did you mean" not in client.get("/people", query_string={"named": "Xerxes"}).text


@pytest.mark.parametrize(("name", "typed", "meant"), [("Ada", "5,6", "5,6mmol"), ("Bo", "101", "101mg/dL")])
def test_the_other_unit_is_offered_as_one_tap_and_not_taken_for_granted(
    name: str, typed: str, meant: str, site: Site, client: FlaskClient
) -> None:
    person = site.person(name)
    address, form = f"/p/{person.id}/add/reading?form={new_id()}", {"person": person.id}
    refused = client.post(address, data=form | {"glucose": typed})
    assert (refused.status_code, len(site.log.readings(person.id))) == (422, 0)
    assert f'name="glucose" value="{meant}"' in refused.text
    assert client.post(address, data=form | {"glucose": meant}).status_code == 303


def test_carbs_for_a_low_turn_its_card_to_the_next_look(site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    for kind, said in (("reading", {"glucose": "62"}), ("carbs", {"grams": "15", "treatment": "yes"})):
        assert "check again at" not in client.get(f"/p/{ada.id}/").text
        client.post(f"/p/{ada.id}/add/{kind}?form={new_id()}", data={"person": ada.id, **said})
    page = client.get(f"/p/{ada.id}/").text
    assert "Low: check again at" in page
    assert "15 g of carbohydrate to treat it are logged at" in page
    assert "About 15 g of fast carbohydrate" not in page


@pytest.mark.parametrize(
    ("name", "said", "offered"),
    [
        ("Bo", {"glucose": "3,8"}, True),
        ("Bo", {"glucose": "16,8", "unwell": "yes"}, False),
        ("Ada", {"glucose": "69"}, True),
    ],
)
def test_carbs_are_offered_where_the_gate_is_careful_of_a_low(
    name: str, said: dict[str, str], offered: bool, site: Site, client: FlaskClient
) -> None:
    person = site.person(name)
    page = client.post(f"/p/{person.id}/before", data={"person": person.id, **said}).text
    assert "Check again" in page
    assert (">Log carbs<" in page) is offered


@pytest.mark.parametrize(
    ("name", "glucose", "area"),
    [
        ("Bo", "3,4", "thigh"),
        ("Bo", "8", "back"),
        ("Ada", "110", "thigh"),
        ("Ada", "300", "feet"),
        ("Ada", "LO", "feet"),
    ],
)
def test_the_page_and_the_command_say_the_same(
    name: str, glucose: str, area: str, site: Site, client: FlaskClient
) -> None:
    person, now = site.person(name), site.now()
    said = {"person": person.id, "glucose": glucose, "areas": area}
    page = html.unescape(client.post(f"/p/{person.id}/before", data=said).text)
    question = Question(areas=parse_areas(area), glucose=parse_glucose(glucose, person.unit))
    asked = check(site.log, person, question, now, now)
    shown = gate_text.check(asked)
    low = [asked.result.low.emergency] if asked.result.low else []
    for sentence in (*(one.message for one in asked.result.findings), *asked.result.would_change, *low, PROVENANCE):
        assert sentence in page
        assert sentence in shown
    assert f"verdict {asked.result.verdict}" in page
    assert shown.startswith(asked.result.summary)


def test_a_massage_that_a_file_hints_at_is_offered(site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    rows = b"time,glucose_mg_dl,note\n2026-03-01T10:00:00,120,\n2026-03-01T18:00:00,,massage of the feet\n"
    files = {"person": ada.id, "files": (BytesIO(rows), "notes.csv")}
    text = client.post(
        f"/p/{ada.id}/import", data=files, content_type="multipart/form-data", follow_redirects=True
    ).text
    assert "massage of the feet" in text
    assert "Sun 1 Mar 2026 18:00" in text


def test_the_columns_of_a_table_nobody_knows_are_asked_and_remembered(site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    rows = b"Zeitpunkt;Wert (mmol/L);Bemerkung\n01.03.2026 10:00;6,5;\n01.03.2026 10:05;6,9;nach dem Essen\n"

    def upload() -> tuple[str, str]:
        files = {"person": ada.id, "files": (BytesIO(rows), "eigen.csv")}
        answer = client.post(f"/p/{ada.id}/import", data=files, content_type="multipart/form-data")
        return answer.headers["Location"], client.get(answer.headers["Location"]).text

    address, asked = upload()
    assert "in no format that glucolog knows" in asked
    assert '<option value="1" selected>Wert (mmol/L)' in asked.partition("Glucose in mmol/L")[2]
    said = {"map-0-time": "0", "map-0-glucose_mmol_l": "1", "map-0-note": "2"}
    preview = client.get(address, query_string=said).text
    assert "2 meter" in preview or "2 cgm" in preview
    assert site.log.readings(ada.id) == ()
    uid = new_id()
    client.post(address, data={"person": ada.id, "uid": uid, "act": "store", **said})
    assert [reading.glucose.amount for reading in site.log.readings(ada.id)] == [6.5, 6.9]
    assert [note.text for note in site.log.notes(ada.id)] == ["nach dem Essen"]
    assert "in no format" not in upload()[1]
    (entry,) = [entry for entry in site.log.history(5, ada.id) if entry.batch_id]
    client.post(f"/p/{ada.id}/done/{entry.uid}", data={"person": ada.id})
    assert site.log.readings(ada.id) == ()


def test_the_history_takes_back_what_its_button_names(site: Site, client: FlaskClient) -> None:
    ada, at = site.person("Ada"), site.at("Ada") + "/history"

    def offered() -> tuple[str, str]:
        page = client.get(at).text
        number = page.partition('name="number" value="')[2].partition('"')[0]
        return number, page.partition(">Undo: ")[2].partition("</button>")[0]

    def press() -> None:
        answer = client.post(at, data={"person": ada.id, "uid": new_id(), "act": "undo", "number": offered()[0]})
        assert answer.status_code == 303

    for text in ("first", "second"):
        with site.log.write(uid=new_id(), summary=text, person_id=ada.id, at=Moment(0, "UTC")) as writer:
            writer.add(Note(id=new_id(), person_id=ada.id, at=Moment(0, "UTC"), text=text))
    assert offered()[1] == "second"
    press()
    assert [note.text for note in site.log.notes(ada.id)] == ["first"]
    assert offered()[1] == "first"
    press()
    assert site.log.notes(ada.id) == ()


@pytest.mark.parametrize(
    "said",
    [{"map-0-time": "9"}, {"map-0-time": "-1"}, {"map-0-evil": "0"}, {"map-0-time": "x"}, {"map-0-time": "9" * 5000}],
)
def test_columns_that_are_not_there_are_no_mapping(said: dict[str, str], site: Site, client: FlaskClient) -> None:
    files = {"person": site.person("Ada").id, "files": (BytesIO(b"a;b\n1;2\n"), "x.csv")}
    answer = client.post(f"{site.at('Ada')}/import", data=files, content_type="multipart/form-data")
    page = client.get(answer.headers["Location"], query_string=said)
    assert page.status_code == 200
    assert "in no format that glucolog knows" in page.text


def test_settings_are_emptied_by_emptying_them_and_undone_at_once(site: Site, client: FlaskClient) -> None:
    ada, at = site.person("Ada"), site.at("Ada") + "/settings"
    full = {
        "insulin_background": "degludec", "site_kind": "pump", "site_place": "abdomen:left", "target_low": "80",
        "target_high": "160", "birth_year": "1980", "low_plan": "juice", "bedtime": "23:15", "note": "n",
        "questions": "why?", "neuropathies": ["peripheral", "focal"], "impaired_awareness": "yes",
        "severe_low_at": "2026-03-01",
    }  # fmt: skip
    assert client.post(at, data={"person": ada.id, **full}).status_code == 303
    before = site.person("Ada")
    assert [insulin.name for insulin in before.insulins] == ["aspart", "degludec"]
    seen = re.search(r'name="seen" value="(\w+)"', client.get(at, follow_redirects=True).text)
    assert seen is not None
    kept = {
        "person": ada.id, "seen": seen[1], "name": "Ada", "unit": "mg/dL", "zone": "Europe/Berlin", "therapy": "mdi",
        "target_set": "adult", "insulins_kept": "degludec", "neuropathies": "focal", "target_high": "160",
    }  # fmt: skip
    uid = new_id()
    assert client.post(f"{at}?form={uid}", data=kept).status_code == 303
    after = site.person("Ada")
    assert [insulin.name for insulin in after.insulins] == ["degludec"]
    assert (after.neuropathies, after.questions) == (("focal",), ())
    assert (after.target_low, after.birth_year, after.low_plan, after.note) == (None, None, None, None)
    assert (after.impaired_awareness, after.severe_low_at, after.bedtime_minute) == (None, None, None)
    assert (before.bedtime_minute, after.target_high) == (23 * 60 + 15, before.target_high)
    assert after.sites == before.sites
    old_tab = client.post(f"{at}?form={new_id()}", data=kept | {"name": "Adele"})
    assert old_tab.status_code == 422
    assert "changed elsewhere" in old_tab.text
    client.post(f"/p/{ada.id}/done/{uid}", data={"person": ada.id})
    assert site.person("Ada") == before


def test_a_person_who_is_not_told_enough_of_is_asked_in_words_of_the_form(empty: Site) -> None:
    client = signed_in(empty)
    answer = client.post("/welcome", data={"name": "Ada", "zone": "Europe/Berlin"})
    assert answer.status_code == 422
    assert '<a href="#f-unit">The glucose unit is missing.</a>' in answer.text
    assert '<a href="#f-therapy">How insulin is taken is missing.</a>' in answer.text
    assert "--" not in re.sub(r"<svg.*</svg>", "", answer.text.partition("<main")[2], flags=re.DOTALL)
    assert empty.log.people() == ()


def test_an_insulin_for_meals_that_nobody_knows_counts_on_the_careful_side(site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    client.post(f"{site.at('Ada')}/settings", data={"person": ada.id, "insulin_meals": "newlin"})
    assert [(insulin.name, insulin.kind) for insulin in site.person("Ada").insulins][1] == ("newlin", "unknown")


def test_those_who_need_a_look_come_first_with_the_reason(site: Site, client: FlaskClient) -> None:
    bo = site.person("Bo")
    entries.add(site.log, bo, symptom(site, "Bo", new_or_worse=True), call(site))
    cases = caseload.Caseload(site.log).cases(site.now())
    assert [case.person.name for case in cases] == ["Bo", "Ada"]
    assert "1 not yet told to the team" in client.get("/people").text
    start = client.get(f"/p/{bo.id}/").text
    assert "Not yet told to the team" in start
    assert f'href="/p/{bo.id}/entries/symptom"' in start
    assert "Not yet told to the team" not in client.get(f"{site.at('Ada')}/").text


def test_the_desk_sees_what_was_written_since(site: Site) -> None:
    desk = caseload.Caseload(site.log)
    assert [case.open_items for case in desk.cases(site.now(), named="ada")] == [0]
    entries.add(site.log, site.person("Ada"), symptom(site, "Ada", new_or_worse=True), call(site))
    assert [case.open_items for case in desk.cases(site.now(), named="ADA")] == [1]


def test_notes_of_the_team_carry_its_mark_and_others_do_not_show(site: Site) -> None:
    ada = site.person("Ada")
    entries.add(site.log, ada, Note(id=new_id(), person_id=ada.id, at=site.now(), text="my own"), call(site))
    caseload.add_note(site.log, ada, " look at nights ", call(site))
    assert [note.text for note in caseload.notes(site.log, ada)] == ["Care team: look at nights"]


def test_a_receipt_is_found_by_the_writes_id_and_only_by_its_person(site: Site) -> None:
    ada, bo, write = site.person("Ada"), site.person("Bo"), call(site)
    stored = entries.add(site.log, ada, symptom(site, "Ada"), write)
    found = receipts.find(site.log, ada, write.uid)
    assert found is not None
    assert found.records == (stored,)
    assert receipts.find(site.log, bo, write.uid) is None
    with pytest.raises(NotFoundError):
        receipts.take_back(site.log, bo, write.uid, call(site))


def test_taking_back_twice_is_as_once(site: Site) -> None:
    ada, write = site.person("Ada"), call(site)
    entries.add(site.log, ada, symptom(site, "Ada"), write)
    for _ in range(2):
        receipts.take_back(site.log, ada, write.uid, call(site))
    assert site.log.symptoms(ada.id) == ()


def test_every_area_has_its_shape_and_its_words() -> None:
    drawn = {shape.value for view in ("front", "back") for shape in bodymap.shapes(view)}
    offered = {value for _, values in bodymap.choices() for value, _ in values}
    assert drawn == offered
    assert {value.partition(":")[0] for value in offered} == set(AREAS)


def test_a_side_that_is_not_known_marks_both_on_the_map() -> None:
    marked = bodymap.each_side(
        [BodyArea("calf", Side.UNKNOWN), BodyArea("back", Side.MIDDLE), BodyArea("foot", Side.LEFT)]
    )
    assert marked == {"calf:left", "calf:right", "back", "foot:left"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# A <b>", "<h1>A &lt;b&gt;</h1>"),
        ("one\ntwo", "<p>one two</p>"),
        ("- a\n- `b<c`", "<ul><li>a</li><li><code>b&lt;c</code></li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("```\n<x>\n```", '<pre tabindex="0">&lt;x&gt;</pre>'),
    ],
)
def test_help_pages_become_plain_html(text: str, written: str) -> None:
    assert to_html(text) == written


def test_every_help_topic_is_a_page(client: FlaskClient) -> None:
    links = re.findall(r'href="(/help/[^"]+)"', client.get("/help").text)
    assert "/help/web" in links
    assert {client.get(link).status_code for link in links} == {200}


def test_the_manifest_installs_the_app(client: FlaskClient) -> None:
    found = client.get("/manifest.webmanifest").get_json()
    assert (found["display"], found["start_url"]) == ("standalone", "/")
    assert client.get(found["icons"][0]["src"]).mimetype == "image/svg+xml"
    for icon in found["icons"][1:]:
        assert _pixel(client.get(icon["src"]).data, 0.5, 10 / 64) == (255, 255, 255), icon
        assert _pixel(client.get(icon["src"]).data, 0.02, 0.02) == (0, 98, 154), icon
    assert client.get("/icon-181.png").status_code == 404


def _pixel(png: bytes, across: float, down: float) -> tuple[int, ...]:
    """Read one pixel of a PNG by the standard alone: unfiltered rows of 8-bit RGB in one IDAT."""
    width, height = struct.unpack(">II", png[16:24])
    at = png.index(b"IDAT")
    (length,) = struct.unpack(">I", png[at - 4 : at])
    assert zlib.crc32(png[at : at + 4 + length]) == struct.unpack(">I", png[at + 4 + length : at + 8 + length])[0]
    rows = zlib.decompress(png[at + 4 : at + 4 + length])
    assert len(rows) == height * (1 + 3 * width)
    first = int(down * height) * (1 + 3 * width) + 1 + 3 * int(across * width)
    return tuple(rows[first : first + 3])
