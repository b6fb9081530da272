"""`demo`: a made-up log and its report."""

from __future__ import annotations

from pathlib import Path

import click

from glucolog.cli.desk import answer, now_in, said, settings
from glucolog.cli.framework import command
from glucolog.services.identity import Call, write_id


@command("demo")
@click.option("-o", "--output", "folder", metavar="FOLDER", help="Where to (default: a folder beside your own log).")
@click.option("--open", "show", is_flag=True, help="Open the report in the browser.")
@click.pass_context
def demo(ctx: click.Context, folder: str | None, show: bool) -> None:
    """Make a made-up log with three months of readings and sessions, and its report."""
    import webbrowser

    from glucolog.services.demo import present
    from glucolog.services.settings import own_folder

    place = Path(folder) if folder else own_folder(settings(ctx).db) / "demo"
    made = present(place, Call(now=now_in("UTC"), uid=write_id(said(ctx).uid)))
    opened = webbrowser.open(made.report.resolve().as_uri()) if show else None
    answer(
        ctx,
        lambda: {"db": str(made.log), "report": str(made.report), "sessions": made.sessions, "opened": opened},
        lambda: "\n".join(
            [
                f"A made-up log: {made.log}",
                f"Its report:    {made.report}",
                *(["No browser could be opened; open the report yourself."] if opened is False else []),
                f"Look around:   glucolog --db {made.log} review",
            ]
        ),
    )
