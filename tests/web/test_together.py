"""Several browsers and an import at once: nothing is lost, and nobody hears of a locked database."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from glucolog.services.identity import new_id
from glucolog.web.certificate import certificate
from glucolog.web.server import here
from glucolog.web.tls import Relay
from playwright.sync_api import Browser, expect
from tests.conftest import need
from tests.web.conftest import PHONE, Site, free_port, signed_in

WRITES = 12


def test_two_people_and_an_import_from_the_command_line_lose_no_write(
    site: Site, serving: Callable[[Site], Site], tmp_path: Path
) -> None:
    serving(site)
    export = tmp_path / "sensor.csv"
    rows = "".join(
        f"2026-03-{1 + n // 288:02}T{n // 12 % 24:02}:{n % 12 * 5:02}:00,{90 + n % 50},cgm\n" for n in range(2000)
    )
    export.write_text(f"time,glucose_mg_dl,source\n{rows}", "utf-8")
    statuses: list[int] = []
    writers = [threading.Thread(target=_write, args=(site, name, statuses)) for name in ("Ada", "Bo")]
    for writer in writers:
        writer.start()
    command = [sys.executable, "-m", "glucolog", "--db", str(site.log.path), "--person", "Ada", "import", str(export)]
    imported = subprocess.run(command, capture_output=True, text=True, check=False)
    for writer in writers:
        writer.join()
    assert imported.returncode == 0, imported.stderr
    assert statuses == [303] * (2 * WRITES)
    for name in ("Ada", "Bo"):
        assert sorted(carbs.grams for carbs in site.log.carbs(site.person(name).id)) == [n + 1 for n in range(WRITES)]
    assert len(site.log.readings(site.person("Ada").id)) == 2000


def _write(site: Site, name: str, statuses: list[int]) -> None:
    client, person = signed_in(site), site.person(name)
    for n in range(WRITES):
        form = {"person": person.id, "grams": str(n + 1)}
        statuses.append(client.post(f"/p/{person.id}/add/carbs?form={new_id()}", data=form).status_code)


def test_the_certificate_is_kept_private_and_made_anew_for_other_names(tmp_path: Path) -> None:
    first = certificate(tmp_path / "tls", ("192.0.2.7", "box.local"))
    assert first.key.stat().st_mode & 0o777 == 0o600
    kept = first.fingerprint
    assert len(kept.split(":")) == 32
    assert certificate(tmp_path / "tls", ("192.0.2.7", "box.local")).fingerprint == kept
    assert certificate(tmp_path / "tls", ("192.0.2.8", "box.local")).fingerprint != kept


def test_the_relay_speaks_tls_and_nothing_else(site: Site, serving: Callable[[Site], Site], tmp_path: Path) -> None:
    made = certificate(tmp_path / "tls", ("127.0.0.1", "localhost"))
    relay = Relay(free_port(), serving(site).port, made.context())
    relay.start()
    try:
        trusting = ssl.create_default_context(cafile=str(made.file))
        with closing(HTTPSConnection("127.0.0.1", relay.port, context=trusting, timeout=5)) as connection:
            connection.request("GET", "/pair", headers={"Host": here(site.port)[0].removeprefix("http://")})
            assert connection.getresponse().status == 200
        with pytest.raises(OSError, match=r".*"):
            urllib.request.urlopen(f"http://127.0.0.1:{relay.port}/pair", timeout=5)
    finally:
        relay.stop()


def test_serve_says_where_it_is_and_lets_nobody_in_without_a_code(tmp_path: Path) -> None:
    need(sys.platform != "win32", "a POSIX system")
    port = free_port()
    command = [sys.executable, "-m", "glucolog", "--db", str(tmp_path / "new.db"), "serve", "--no-browser"]
    with subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        said = [served.stdout.readline() for _ in range(2)]
        try:
            assert said[0].strip() == f"glucolog is at http://127.0.0.1:{port}"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                assert answer.url.endswith("/pair")
        finally:
            served.terminate()


def test_a_phone_of_the_local_network_pairs_over_tls(browser: Browser, tmp_path: Path) -> None:
    need(shutil.which("openssl"), "openssl")
    port = free_port()
    command = [sys.executable, "-m", "glucolog", "--db", str(tmp_path / "new.db"), "serve", "--lan", "--no-browser"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "--port", str(port)], stdout=pipe, text=True, env=environment) as served:
        assert served.stdout is not None
        try:
            said = [next(iter(served.stdout.readline, "")) for _ in range(2)]
            code = said[1].removeprefix("Pairing code: ").partition(" ")[0]
            with closing(browser.new_context(**PHONE, ignore_https_errors=True)) as context:
                page = context.new_page()
                page.goto(f"https://127.0.0.1:{port}/")
                page.get_by_label("Pairing code").fill(code)
                page.get_by_role("button", name="Pair").tap()
                expect(page.get_by_role("heading", level=1)).to_have_text("Whose log is it?")
                (cookie,) = context.cookies()
            assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-glucolog", True, True)
        finally:
            served.terminate()
