"""What the pages look like: our own stylesheet, script and icon; Plotly from its installed package."""

from __future__ import annotations

from functools import lru_cache
from importlib import metadata
from importlib.resources import files

from flask import Blueprint, Response, abort, url_for

from glucolog import __version__

pages = Blueprint("assets", __name__)
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOREVER = "private, max-age=31536000, immutable"
BRIEFLY = "private, max-age=600"
OWN = {"app.css": "glucolog.web:static/app.css", "app.js": "glucolog.web:static/app.js"}
CHARTS = {
    "charts.js": "glucolog.plots:assets/page.js",
    "plotly.js": "plotly:package_data/plotly.min.js",
}


@pages.get("/asset/<version>/<name>")
def static_file(name: str, **_version: str) -> Response:
    """Serve one file; its address holds its version, so that it is kept for good."""
    if name not in OWN and name not in CHARTS:
        abort(404)
    return _file((OWN | CHARTS)[name], name, FOREVER)


@pages.app_template_global("asset")
def address(name: str) -> str:
    """Return the address of a file, with the version it belongs to."""
    stamp = metadata.version("plotly") if name == "plotly.js" else __version__ + _mark(name)
    return url_for("assets.static_file", version=stamp, name=name)


@pages.get("/icon.svg")
def icon() -> Response:
    """Serve the icon."""
    return _file("glucolog.web:static/icon.svg", "icon.svg", BRIEFLY)


@pages.get("/manifest.webmanifest")
def manifest() -> Response:
    """Say how the app is installed."""
    from flask import jsonify

    response = jsonify(
        name="glucolog",
        short_name="glucolog",
        description="Massage and glucose in one private log.",
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#ffffff",
        theme_color="#00629a",
        icons=[{"src": url_for("assets.icon"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    )
    response.mimetype = "application/manifest+json"
    return response


def _file(source: str, name: str, kept: str) -> Response:
    response = Response(_bytes(source), mimetype=TYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = kept
    return response


@lru_cache(maxsize=8)
def _bytes(source: str) -> bytes:
    package, _, path = source.partition(":")
    return files(package).joinpath(path).read_bytes()


def _mark(name: str) -> str:
    import zlib

    return f"-{zlib.crc32(_bytes((OWN | CHARTS)[name])):08x}"
