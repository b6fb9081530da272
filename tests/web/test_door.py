"""The closed door: hosts, origins, sessions, pairing, headers, limits, and what hostile input becomes."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import tempfile
import threading
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from glucolog.core.records import Carbs
from glucolog.services import entries, people
from glucolog.services.identity import Call, new_id
from glucolog.web import keys
from glucolog.web.keys import CODE_LENGTH, Keys
from glucolog.web.logs import impersonal
from glucolog.web.server import keys_of
from glucolog.web.uploads import PREFIX, bare_name, throw_away_what_killed_servers_left
from tests.web.conftest import Site, person_of, signed_in, stranger

EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:8765", ""])
def test_another_host_name_is_refused(host: str, client: FlaskClient) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    ],
    ids=["cross-site", "lying", "null", "another port"],
)
def test_a_post_from_another_site_stores_nothing(said: dict[str, str], site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    form = {"person": ada.id, "grams": "20"}
    answer = client.post(f"/p/{ada.id}/add/carbs?form={new_id()}", data=form, headers=said)
    assert answer.status_code == 403
    assert site.log.carbs(ada.id) == ()


def test_a_post_that_does_not_say_where_it_comes_from_stores_nothing(site: Site) -> None:
    client = site.app.test_client()
    client.set_cookie("glucolog", site.cookie(), domain="127.0.0.1")
    ada = site.person("Ada")
    host = {"Host": f"127.0.0.1:{site.port}"}
    assert (
        client.post(f"/p/{ada.id}/add/carbs", data={"person": ada.id, "grams": "20"}, headers=host).status_code == 403
    )
    assert site.log.carbs(ada.id) == ()


def test_without_a_session_every_page_but_the_door_leads_to_pairing(site: Site) -> None:
    client = stranger(site)
    checked = 0
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(("assets.", "access.pair")):
            continue
        values = {name: new_id() if name in {"uid", "session_id", "record_id"} else "x" for name in rule.arguments}
        address = site.app.url_map.bind("127.0.0.1").build(rule.endpoint, values)
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/pair"), address
        checked += 1
    assert checked >= 25


def test_without_a_session_nothing_is_written(site: Site) -> None:
    ada = site.person("Ada")
    answer = stranger(site).post(f"/p/{ada.id}/add/carbs", data={"person": ada.id, "grams": "20"})
    assert answer.status_code == 403
    assert site.log.carbs(ada.id) == ()


def test_the_cookie_is_strict_and_out_of_reach_of_scripts(site: Site) -> None:
    answer = stranger(site).post("/pair", data={"code": keys_of(site.app).code().shown.lower()})
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_every_answer_carries_the_headers_that_keep_a_page_closed(client: FlaskClient, site: Site) -> None:
    for path in ("/people", site.at("Ada") + "/", "/nowhere", site.at("Ada") + "/plots/agp"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe-inline" not in re.sub(r"style-src [^;]*", "", policy)
        assert "frame-ancestors 'none'" in policy
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_holds_a_script_or_a_handler_of_its_own(client: FlaskClient, site: Site) -> None:
    for path in (
        "/people",
        site.at("Ada") + "/",
        site.at("Ada") + "/add/feet",
        site.at("Ada") + "/plots/agp",
        "/devices",
    ):
        text = client.get(path, follow_redirects=True).text
        for script in re.findall(r"<script([^>]*)>", text):
            assert "src=" in script or 'type="text/plain"' in script
        assert re.search(r"<[^>]+\son[a-z]+=", text) is None


def test_the_report_runs_scripts_by_hash_alone(client: FlaskClient, site: Site) -> None:
    policy = client.get(site.at("Ada") + "/report/show").headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith("script-src"))
    assert re.fullmatch(r"\s*script-src( 'sha256-[A-Za-z0-9+/=]+')+\s*", scripts)
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/p/{}/add/note", "/p/{}/notes"])
def test_hostile_notes_come_back_as_text(path: str, site: Site, client: FlaskClient) -> None:
    ada = site.person("Ada")
    address = f"{path.format(ada.id)}?form={new_id()}"
    answer = client.post(address, data={"person": ada.id, "note": EVIL}, follow_redirects=True)
    assert answer.status_code == 200
    for page in (answer.text, client.get(path.format(ada.id), follow_redirects=True).text):
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "49" not in re.findall(r"&lt;/script&gt;(\d+)", page)


def test_a_hostile_name_is_text_on_every_page_and_harmless_in_file_names(site: Site, client: FlaskClient) -> None:
    name = '../../<script>alert(1)</script>"\r\nSet-Cookie: a=b'
    people.add(site.log, person_of(name), Call(now=site.now(), uid=new_id()))
    at = site.at(name)
    for path in (
        "/people",
        "/people/compare",
        *(at + page for page in ("/", "/before", "/settings", "/notes", "/report")),
    ):
        assert "<script>alert" not in client.get(path, follow_redirects=True).text
    answer = client.get(f"{at}/report/file/txt")
    disposition = answer.headers["Content-Disposition"]
    assert "\r" not in disposition
    assert "\n" not in disposition
    assert ".." not in disposition.replace("...", "")
    assert "/" not in disposition.partition("filename*=UTF-8''")[2]
    assert "Set-Cookie" not in answer.headers


FIELDS = (
    ("add/insulin", ("units", "insulin", "site", "when")),
    ("add/carbs", ("grams", "when", "note")),
    ("add/reading", ("glucose", "when", "note")),
    ("add/symptom", ("symptom", "score", "area", "note", "when")),
    ("add/feet", ("side", "left-toes", "right-heel", "note", "when")),
    ("add/activity", ("kind", "minutes", "intensity", "note", "when")),
    ("log", ("before", "after", "end", "minutes", "areas", "techniques", "tools", "pressure", "performer", "water_c",
             "position", "note", "pain", "stress")),
    ("settings", ("name", "unit", "zone", "therapy", "insulin_meals", "insulin_background", "site_kind",
                  "site_place", "seen", "neuropathies", "severe_low_at", "target_set",
                  "target_low", "target_high", "birth_year", "low_plan", "bedtime", "questions", "note")),
    ("before", ("glucose", "areas", "techniques", "pressure", "minutes", "when", "pain", "water_c")),
    ("start", ("glucose", "areas", "when", "note", "performer")),
)  # fmt: skip


HOSTILE = (f"{EVIL}'; DROP TABLE session; --", "\0\x1b[2J\u202e", "9" * 5000, "-1e999", "NaN")


@pytest.mark.parametrize(("path", "fields"), FIELDS, ids=[path for path, _ in FIELDS])
def test_every_field_survives_markup_and_quotes(
    path: str, fields: tuple[str, ...], site: Site, client: FlaskClient
) -> None:
    ada = site.person("Ada")
    for field, typed in ((field, typed) for field in fields for typed in HOSTILE):
        answer = client.post(f"/p/{ada.id}/{path}", data={"person": ada.id, field: typed})
        assert answer.status_code < 500, (path, field, typed)
        assert "<img src=x" not in answer.text, (path, field)
        assert "<script>alert" not in answer.text, (path, field)
    assert len(site.log.people()) == 2


@pytest.mark.parametrize(
    "path",
    [
        "/asset/x/../../setup.py",
        "/asset/x/..%2f..%2fsetup.py",
        "/asset/x/app.py",
        "/help/..%2f..%2ferrors",
        "/help/%2e%2e",
    ],
)
def test_no_path_leads_out_of_what_is_served(path: str, client: FlaskClient) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("ending", ["exe", "..%2fpdf", "pdf%00", "html.sh"])
def test_a_report_has_only_its_own_forms(ending: str, client: FlaskClient, site: Site) -> None:
    assert client.get(f"{site.at('Ada')}/report/file/{ending}").status_code == 404


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("..\\..\\win.ini", "win.ini"), ("..", "file"), ("", "file"),
        (".hidden", "hidden"),
        ("a\r\nb.csv", "ab.csv"), ("x" * 300 + ".csv", "x" * 116 + ".csv"), ("/", "file"), ("nul\0.csv", "nul.csv"),
    ],
)  # fmt: skip
def test_an_uploads_name_is_bare(given: str, kept: str) -> None:
    assert bare_name(given) == kept


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, site: Site) -> None:
    ada = site.person("Ada")
    answer = client.post(f"/p/{ada.id}/add/note", data={"person": ada.id, "note": "x" * 300_000})
    assert answer.status_code == 413
    assert b"Traceback" not in answer.data


def test_files_that_are_too_large_are_refused(client: FlaskClient, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glucolog.web.pages.importing.UPLOAD_LIMIT_BYTES", 4000)
    ada = site.person("Ada")
    files = {"person": ada.id, "files": (BytesIO(b"x" * 5000), "a.csv")}
    assert client.post(f"/p/{ada.id}/import", data=files, content_type="multipart/form-data").status_code == 413


def test_files_that_wait_belong_to_one_person(client: FlaskClient, site: Site) -> None:
    ada, bo = site.person("Ada"), site.person("Bo")
    files = {"person": ada.id, "files": (BytesIO(b"time,glucose_mg_dl\n"), "../../a.csv")}
    answer = client.post(f"/p/{ada.id}/import", data=files, content_type="multipart/form-data")
    assert answer.status_code == 303
    other = answer.headers["Location"].replace(ada.id, bo.id)
    assert client.get(other).status_code == 404


def test_a_form_made_for_another_person_is_refused_by_a_stale_tab(client: FlaskClient, site: Site) -> None:
    ada, bo = site.person("Ada"), site.person("Bo")
    for path in ("add/carbs", "settings", "notes", "log", "start", "after", "before"):
        answer = client.post(f"/p/{bo.id}/{path}", data={"person": ada.id, "grams": "20", "note": "x", "name": "Cy"})
        assert answer.status_code in {409, 422}, path
        assert "another person" in answer.text, path
    assert site.log.carbs(bo.id) == site.log.carbs(ada.id) == ()
    assert [person.name for person in site.log.people()] == ["Ada", "Bo"]


def test_an_undo_or_a_deletion_can_not_reach_into_another_log(client: FlaskClient, site: Site) -> None:
    ada, bo = site.person("Ada"), site.person("Bo")
    call = Call(now=site.now(), uid=new_id())
    carbs = entries.add(site.log, ada, Carbs(id=new_id(), person_id=ada.id, at=site.now(), grams=20), call)
    refused = [
        client.post(f"/p/{bo.id}/done/{call.uid}", data={"person": bo.id}),
        client.post(f"/p/{bo.id}/entries/carbs/{carbs.id}", data={"person": bo.id, "act": "delete"}),
    ]
    assert [answer.status_code for answer in refused] == [404, 404]
    assert len(site.log.carbs(ada.id)) == 1


def test_the_same_form_twice_stores_once_and_says_so(client: FlaskClient, site: Site) -> None:
    ada, uid = site.person("Ada"), new_id()
    form = {"person": ada.id, "grams": "20"}
    for _ in range(3):
        answer = client.post(f"/p/{ada.id}/add/carbs?form={uid}", data=form)
        assert answer.headers["Location"].endswith(f"/done/{uid}")
    assert len(site.log.carbs(ada.id)) == 1
    again = client.get(f"/p/{ada.id}/add/carbs?form={uid}", follow_redirects=True).text
    assert "nothing was stored twice" in again


def test_addresses_of_forms_can_not_lead_to_another_site(client: FlaskClient, site: Site) -> None:
    for more in ("_external=1", "_scheme=javascript", "next=//evil.example", "_anchor=x"):
        location = client.get(f"{site.at('Ada')}/add/carbs?{more}").headers["Location"]
        assert location.startswith(f"{site.at('Ada')}/add/carbs?")
    header = client.get(f"{site.at('Ada')}/add/carbs?a={quote('x' + chr(13) + chr(10) + 'Set-Cookie: a=b')}").headers
    assert "Set-Cookie" not in header


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def test_five_wrong_codes_lock_pairing_and_the_right_one_no_longer_helps() -> None:
    time = Time()
    door = Keys(time)
    right = door.code().text
    assert [door.pair("AAAAAAAA", "x") for _ in range(keys.TRIES)] == [None] * 5
    assert door.locked_for_s == keys.LOCK_S
    assert door.pair(right, "x") is None
    time.s += keys.LOCK_S + 1
    assert door.pair(right, "x") is None
    assert door.pair(door.code().shown, "x") is not None


def test_a_code_works_once_and_for_ten_minutes() -> None:
    time = Time()
    door = Keys(time)
    code = door.code()
    assert len(code.text) == CODE_LENGTH
    assert door.pair(code.shown, "x") is not None
    assert door.pair(code.shown, "x") is None
    expired = door.code()
    time.s += keys.CODE_LIFE_S
    assert door.pair(expired.text, "x") is None


def test_the_launch_token_works_once_and_for_five_minutes() -> None:
    time = Time()
    door = Keys(time)
    token = door.new_launch_token()
    assert door.launch(token, "x") is not None
    assert door.launch(token, "x") is None
    late = door.new_launch_token()
    time.s += keys.LAUNCH_LIFE_S
    assert door.launch(late, "x") is None
    assert door.launch("", "x") is None


def test_a_session_ends_when_idle_when_old_and_when_signed_out() -> None:
    time = Time()
    door = Keys(time)
    idle, old, out = (door.launch(door.new_launch_token(), "x") for _ in range(3))
    visit = door.visit(out)
    assert visit is not None
    door.end(visit.id)
    assert door.visit(out) is None
    for _ in range(int(keys.LIFE_S // (keys.IDLE_S / 2))):
        assert door.visit(old) is not None
        time.s += keys.IDLE_S / 2
    assert door.visit(idle) is None
    time.s += 1
    assert door.visit(old) is None


def test_a_locked_door_says_for_how_long(site: Site) -> None:
    client = stranger(site)
    codes = [client.post("/pair", data={"code": "WRONG"}).status_code for _ in range(6)]
    assert codes == [403, 403, 403, 403, 429, 429]
    assert "locked for 15 min" in client.post("/pair", data={"code": "WRONG"}).text


def test_an_expired_code_is_refused_in_the_browser_too(site: Site) -> None:
    code = keys_of(site.app).code()
    site.clock.forward(minutes=11)
    answer = stranger(site).post("/pair", data={"code": code.text})
    assert answer.status_code == 403
    assert "expired" in answer.text


def test_a_defect_shows_no_traceback_and_logs_its_place_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("glucolog.services.caseload.Caseload.cases", broken)
    answer = signed_in(site).get("/people")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text + caplog.text
    assert "RuntimeError in " in caplog.text
    assert not site.app.debug


def test_what_ends_outside_a_page_is_logged_by_its_place_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    with impersonal():
        thread = threading.Thread(target=broken, name="sources")
        thread.start()
        thread.join(10)
        try:
            broken()
        except RuntimeError:
            logging.getLogger("waitress").exception("Exception while serving %s", "/live")
    told = capsys.readouterr().err
    assert "secret detail" not in told
    assert "Traceback" not in told
    assert told.count("RuntimeError") == 2
    assert "sources" in told


def test_files_that_a_killed_server_was_to_bring_in_are_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen(["true"]) as gone:
        gone.wait(10)
    left, waiting, other = tmp_path / f"{PREFIX}{gone.pid}-a", tmp_path / f"{PREFIX}{os.getpid()}-b", tmp_path / "c"
    for folder in (left, waiting, other):
        folder.mkdir()
        (folder / "readings.csv").write_text("142")
    throw_away_what_killed_servers_left()
    assert [folder.exists() for folder in (left, waiting, other)] == [False, True, True]
