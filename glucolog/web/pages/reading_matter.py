"""The help topics as pages."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from glucolog.errors import NotFoundError
from glucolog.web.markdown import to_html

pages = Blueprint("reading_matter", __name__)


@pages.get("/help")
def topics() -> ResponseReturnValue:
    """List the topics."""
    return render_template("topics.html", topics={name: _title(text) for name, text in _texts().items()})


@pages.get("/help/<name>")
def topic(name: str) -> ResponseReturnValue:
    """Show one topic."""
    text = _texts().get(name)
    if text is None:
        raise NotFoundError("There is no help on this.", "Choose a topic from the list.")
    return render_template("topic.html", title=_title(text), body=Markup(to_html(text)))  # noqa: S704 - escaped there


def _texts() -> dict[str, str]:
    pages_there = (page for page in files("glucolog.help").iterdir() if page.name.endswith(".md"))
    return {
        page.name.removesuffix(".md"): page.read_text("utf-8") for page in sorted(pages_there, key=lambda p: p.name)
    }


def _title(text: str) -> str:
    return text.partition("\n")[0].lstrip("# ")
