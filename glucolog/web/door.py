"""The closed door: which Host, which origin, which session may pass, and what every answer carries.

Follows the OWASP cheat sheets on DNS rebinding, cross-site request forgery, session management and content security
policy. A request that changes something needs Sec-Fetch-Site or Origin to say that it comes from our own pages.
"""

from __future__ import annotations

from flask import Flask, Response, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.wording import web as words
from glucolog.errors import GlucologError, RefusedError
from glucolog.web.desk import SAFE
from glucolog.web.keys import LIFE_S
from glucolog.web.problems import problem_page
from glucolog.web.setup import house

OPEN_ENDPOINTS = frozenset(
    {
        "access.enter",
        "access.pair",
        "access.paired",
        "assets.static_file",
        "assets.manifest",
        "assets.icon",
        "assets.png",
        "assets.worker",
        "assets.away",
    }
)
"""What is answered without a session: the door itself and what it looks like."""
KEPT_ENDPOINTS = frozenset({"assets.static_file", "assets.icon", "assets.png"})
"""What a browser may keep: nothing that says anything of anybody."""
BY_ITSELF = frozenset({"live.look", "live.stream", "importing.progress"})
"""What an open page asks on its own: nobody need be there."""
BAD_HOST, FORBIDDEN, SEE_OTHER = 400, 403, 303
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CHART_STYLES = "'self' 'unsafe-inline'"
"""Charts set styles on their elements; scripts stay as strict as everywhere."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def guard(app: Flask) -> None:
    """Put the door before every page."""
    app.before_request(_refuse_foreign_host)
    app.before_request(_refuse_cross_site)
    app.before_request(_need_session)
    app.after_request(_harden)


def policy(**changed: str) -> str:
    """Return the content security policy, with some of its parts changed (`style_src=…`)."""
    parts = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def with_charts(page: ResponseReturnValue) -> Response:
    """Return a page that holds charts."""
    response = make_response(page)
    response.headers["Content-Security-Policy"] = policy(style_src=CHART_STYLES)
    return response


def cookie() -> str | None:
    """Return the session cookie of this request."""
    return request.cookies.get(house().setup.cookie_name)


def let_in(response: Response, value: str) -> Response:
    """Give the browser its session cookie."""
    setup = house().setup
    response.set_cookie(setup.cookie_name, value, LIFE_S, secure=setup.secure, httponly=True, samesite="Strict")
    return response


def _refuse_foreign_host() -> ResponseReturnValue | None:
    if request.headers.get("Host", "").lower() in house().setup.hosts:
        return None
    return problem_page(RefusedError(words.FOREIGN_HOST, words.FOREIGN_HOST_REMEDY), BAD_HOST)


def _refuse_cross_site() -> ResponseReturnValue | None:
    # The launch page is a file of our own, so its one POST comes from no site; the token it holds is the proof.
    if request.method in SAFE or request.endpoint == "access.enter" or _is_same_origin():
        return None
    return problem_page(RefusedError(words.CROSS_SITE, words.CROSS_SITE_REMEDY), FORBIDDEN)


def _is_same_origin() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is None and origin is None:
        return False
    return site in {None, "same-origin"} and origin in {None, *house().setup.origins}


def _need_session() -> ResponseReturnValue | None:
    g.visit = house().keys.visit(cookie(), used=request.endpoint not in BY_ITSELF)
    if g.visit is not None or request.endpoint in OPEN_ENDPOINTS:
        return None
    if request.method in SAFE:
        return redirect(url_for("access.pair"), SEE_OTHER)
    return problem_page(_signed_out(), FORBIDDEN)


def _signed_out() -> GlucologError:
    return RefusedError(words.SIGNED_OUT, words.WRONG_CODE_REMEDY)


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy())
    if request.endpoint not in KEPT_ENDPOINTS:
        response.headers["Cache-Control"] = "no-store"
    return response
