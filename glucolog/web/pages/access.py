"""The door: the launch token, pairing by a code, devices, signing out."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.wording import web as words
from glucolog.errors import RefusedError
from glucolog.web.answers import problem_of
from glucolog.web.door import FORBIDDEN, SEE_OTHER, let_in
from glucolog.web.keys import Visit
from glucolog.web.pairing import qr_svg
from glucolog.web.problems import problem_page
from glucolog.web.setup import house

pages = Blueprint("access", __name__)
TOO_MANY = 429
LABELS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")


@pages.post("/enter")
def enter() -> ResponseReturnValue:
    """Spend the launch token. The page leads on by itself: a redirect would come without the strict cookie."""
    cookie = house().keys.launch(request.form.get("token", ""), _label())
    if cookie is None:
        return redirect(url_for("access.pair"), SEE_OTHER)
    return let_in(make_response(render_template("entered.html")), cookie)


@pages.get("/pair")
def pair() -> ResponseReturnValue:
    """Ask for the pairing code."""
    return render_template("pair.html", problem=None)


@pages.post("/pair")
def paired() -> ResponseReturnValue:
    """Spend the pairing code."""
    keys = house().keys
    cookie = keys.pair(request.form.get("code", ""), _label())
    if cookie is not None:
        return let_in(_to_start(), cookie)
    minutes = round(keys.locked_for_s / 60)
    if keys.locked_for_s:
        error = RefusedError(words.LOCKED.format(minutes=max(1, minutes)), words.LOCKED_REMEDY)
        return render_template("pair.html", problem=problem_of("", error)), TOO_MANY
    error = RefusedError(words.WRONG_CODE, words.WRONG_CODE_REMEDY)
    return render_template("pair.html", problem=problem_of("code", error)), FORBIDDEN


def _to_start() -> Response:
    return make_response(redirect(url_for("home.start"), SEE_OTHER))


@pages.get("/devices")
def devices() -> ResponseReturnValue:
    """List the signed-in browsers and offer a code for another one."""
    home = house()
    visits = [(visit, visit.id == g.visit.id) for visit in home.keys.visits()]
    return render_template("devices.html", visits=visits, code=None, seen=_seen)


@pages.post("/devices")
def new_code() -> ResponseReturnValue:
    """Show a pairing code and its QR sign."""
    home = house()
    code = home.keys.code()
    visits = [(visit, visit.id == g.visit.id) for visit in home.keys.visits()]
    address = home.setup.origins[0]
    return render_template(
        "devices.html", visits=visits, code=code, seen=_seen, address=address, qr=qr_svg(address, code)
    )


@pages.post("/devices/end")
def end() -> ResponseReturnValue:
    """Sign a browser out: this one or another."""
    keys = house().keys
    chosen = request.form.get("visit", "")
    keys.end(chosen)
    if chosen != g.visit.id:
        return redirect(url_for("access.devices"), SEE_OTHER)
    response = problem_page(RefusedError(words.SIGNED_OUT, words.WRONG_CODE_REMEDY), 200)
    setup = house().setup
    response.delete_cookie(setup.cookie_name, httponly=True, samesite="Strict", secure=setup.secure)
    response.headers["Clear-Site-Data"] = '"storage", "cache"'
    return response


def _label() -> str:
    agent = request.headers.get("User-Agent", "")
    return next((label for label in LABELS if label in agent), "A browser")


def _seen(visit: Visit) -> str:
    minutes = int((house().setup.clock().timestamp() - visit.seen_s) // 60)
    return "now" if minutes < 1 else f"{minutes} min ago"
