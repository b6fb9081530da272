"""What the pages look like: our own stylesheet, scripts and icons; Plotly from its installed package."""

from __future__ import annotations

import json
import zlib
from functools import lru_cache
from importlib import metadata
from importlib.resources import files

from flask import Blueprint, Response, abort, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from glucolog import __version__
from glucolog.web import icon as drawn

pages = Blueprint("assets", __name__)
TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
FOREVER = "private, max-age=31536000, immutable"
BRIEFLY = "private, max-age=600"
OWN = {
    name: f"glucolog.web:static/{name}" for name in ("app.css", "app.js", "dom.js", "waiting.js", "away.js", "live.js")
}
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
    """Return the address of a file, with the version it belongs to; our scripts share one, as they name each other."""
    stamp = metadata.version("plotly") if name == "plotly.js" else f"{__version__}-{_mark()}"
    return url_for("assets.static_file", version=stamp, name=name)


@pages.get("/icon.svg")
def icon() -> Response:
    """Serve the icon."""
    return _file("glucolog.web:static/icon.svg", "icon.svg", BRIEFLY)


@pages.get("/icon-<int:size>.png")
def png(size: int) -> Response:
    """Serve the icon in pixels."""
    if size not in drawn.SIZES:
        abort(404)
    response = Response(drawn.png(size), mimetype="image/png")
    response.headers["Cache-Control"] = BRIEFLY
    return response


@pages.get("/worker.js")
def worker() -> Response:
    """Serve the script that stands in while nothing answers; it changes with whatever it keeps."""
    page = zlib.crc32(away().encode())
    known = {"NAME": f"glucolog-{_mark()}-{page:08x}", "PAGE": url_for("assets.away"), "FILES": list(map(address, OWN))}
    told = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in known.items())
    return Response(told.encode() + _bytes("glucolog.web:static/worker.js"), mimetype=TYPES["js"])


@pages.get("/away")
def away() -> str:
    """Show the page that stands in for every other; it holds nothing of the log."""
    return render_template("away.html")


@pages.get("/manifest.webmanifest")
def manifest() -> ResponseReturnValue:
    """Say how the app is installed."""
    pixels = [{"src": url_for("assets.png", size=size), "sizes": f"{size}x{size}", "type": "image/png"}
              for size in drawn.SIZES]  # fmt: skip
    response = jsonify(
        name="glucolog",
        short_name="glucolog",
        description="Massage and glucose in one private log.",
        id="/",
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#f4f6f8",
        theme_color="#00629a",
        icons=[{"src": url_for("assets.icon"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}, *pixels],
    )
    response.mimetype = "application/manifest+json"
    return response


def _file(source: str, name: str, kept: str) -> Response:
    response = Response(_bytes(source), mimetype=TYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = kept
    return response


@lru_cache(maxsize=16)
def _bytes(source: str) -> bytes:
    package, _, path = source.partition(":")
    return files(package).joinpath(path).read_bytes()


@lru_cache(maxsize=1)
def _mark() -> str:
    own = [source for name, source in (OWN | CHARTS).items() if name != "plotly.js"]
    return f"{zlib.crc32(b''.join(map(_bytes, own))):08x}"
