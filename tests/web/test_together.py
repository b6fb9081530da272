"""Several browsers and an import at once: nothing is lost, and nobody hears of a locked database."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import takewhile
from pathlib import Path

from glucolog.services.identity import new_id
from playwright.sync_api import Browser, expect
from tests.conftest import need
from tests.web.conftest import PHONE, Site, free_port, signed_in

WRITES = 12
PATIENCE_S = 120
"""A process that does not end is a failure, not a build that never ends."""


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
    imported = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    for writer in writers:
        writer.join(PATIENCE_S)
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


@contextmanager
def served(folder: Path, port: int, *options: str) -> Iterator[list[str]]:
    """Serve a new log by the command itself; give what it says when it is ready, and end it."""
    command = [sys.executable, "-m", "glucolog", "--db", str(folder / "new.db"), "serve", "--no-browser"]
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "--port", str(port), *options], stdout=subprocess.PIPE, text=True, env=environment
    ) as running:
        assert running.stdout is not None
        deadline = threading.Timer(PATIENCE_S, running.kill)
        deadline.start()
        try:
            said = list(takewhile(lambda line: not line.startswith("A paired browser"), running.stdout))
            yield [line.strip() for line in said]
            running.send_signal(signal.SIGINT)
            assert running.wait(PATIENCE_S) == 0
        finally:
            deadline.cancel()
            running.kill()


def test_serve_says_where_it_is_and_lets_nobody_in_without_a_code(tmp_path: Path) -> None:
    need(sys.platform != "win32", "a POSIX system")
    port = free_port()
    with served(tmp_path, port) as said:
        assert said[0] == f"glucolog is at http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=15) as answer:
            assert answer.url.endswith("/pair")


def test_a_phone_of_the_local_network_pairs_over_tls(browser: Browser, tmp_path: Path) -> None:
    need(shutil.which("openssl"), "openssl")
    port = free_port()
    with served(tmp_path, port, "--lan") as said, closing(browser.new_context(**PHONE, ignore_https_errors=True)) as it:
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port), timeout=15))
        assert hashlib.sha256(shown).hexdigest().upper() in {line.replace(":", "") for line in said}
        assert any("█" in line for line in said), "the QR sign"
        code = said[1].removeprefix("Pairing code: ").partition(" ")[0]
        page = it.new_page()
        page.goto(f"https://127.0.0.1:{port}/")
        page.get_by_label("Pairing code").fill(code)
        page.get_by_role("button", name="Pair").tap()
        expect(page.get_by_role("heading", level=1)).to_have_text("Whose log is it?")
        (cookie,) = it.cookies()
        assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-glucolog", True, True)
