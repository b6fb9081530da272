"""The app: pages, door and filters put together."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from glucolog.core.wording import web as wording
from glucolog.core.wording.gate import PROVENANCE
from glucolog.services.caseload import Caseload
from glucolog.services.feeding import Feeding
from glucolog.services.live import LiveDesk
from glucolog.services.recent_charts import RecentCharts
from glucolog.storage import Log
from glucolog.web import bodymap, charts, words
from glucolog.web.door import guard
from glucolog.web.keys import Keys
from glucolog.web.problems import handle_problems
from glucolog.web.setup import NAME, House, Setup
from glucolog.web.uploads import Uploads

PAGES = (
    "access", "assets", "home", "before", "sessions", "entries", "looking", "importing", "people", "settings",
    "reading_matter", "live",
)  # fmt: skip
FORM_LIMIT_BYTES = 256 * 1024


def create_app(log: Log, setup: Setup, keys: Keys | None = None) -> Flask:
    """Make the app over an open log."""
    app = Flask("glucolog.web", static_folder=None)
    app.extensions[NAME] = House(
        log=log,
        setup=setup,
        keys=keys or Keys(lambda: setup.clock().timestamp()),
        uploads=Uploads(),
        live=LiveDesk(log),
        feeding=Feeding(log),
        caseload=Caseload(log),
        charts=RecentCharts(),
    )
    app.config.update(MAX_CONTENT_LENGTH=FORM_LIMIT_BYTES, MAX_FORM_PARTS=500)
    _dress(app, setup)
    for name in PAGES:
        app.register_blueprint(import_module(f"glucolog.web.pages.{name}").pages)
    guard(app)
    handle_problems(app)
    return app


def _dress(app: Flask, setup: Setup) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(
        w=wording,
        bodymap=bodymap,
        setup=setup,
        provenance=PROVENANCE,
        options=words.options,
        named=words.named,
        scores=words.scores(),
        server_now=lambda: int(setup.clock().timestamp()),
        pack=charts.packed,
        pack_figures=charts.packed_figures,
    )
