"""`serve`: the local web app."""

from __future__ import annotations

from typing import Any

import click

from glucolog.cli.desk import answer, settings
from glucolog.cli.framework import command

PORT = 8765


@command("serve")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Where to listen.")
@click.option("--lan", is_flag=True, help="Let paired devices of the local network in, over TLS.")
@click.option("--sync/--no-sync", default=True, help="Follow the sources that `sync --remember` remembered.")
@click.option("--browser/--no-browser", default=True, help="Open the browser here.")
@click.pass_context
def serve(ctx: click.Context, port: int, lan: bool, sync: bool, browser: bool) -> None:
    """Serve the web app until Ctrl+C. Only this machine reaches it unless --lan is said."""
    from glucolog.services.opening import opened
    from glucolog.web import server

    with opened(settings(ctx).db, create=True) as log:

        def told(found: server.Opened) -> None:
            answer(ctx, lambda: _document(found), lambda: _text(found, lan=lan))
            if browser:
                click.launch(found.launch_page.as_uri())

        server.serve(log, port=port, lan=lan, told=told, sync=sync)


def _document(found: Any) -> dict[str, Any]:
    return {"address": found.address, "pairing_code": found.code.shown, "fingerprint": found.fingerprint}


def _text(found: Any, *, lan: bool) -> str:
    lines = [f"glucolog is at {found.address}", f"Pairing code: {found.code.shown} (once, for ten minutes)"]
    if lan:
        from glucolog.web.pairing import qr_terminal

        lines += [
            "",
            qr_terminal(found.address, found.code),
            "The browser warns of a certificate it doesn't know. Go on only if its SHA-256 fingerprint is",
            found.fingerprint or "",
            "",
        ]
    lines += [f"Following {fed.name} for {person.name}." for person, fed in found.followed]
    return "\n".join([*lines, "A paired browser makes further codes under More, Devices. Stop with Ctrl+C."])
