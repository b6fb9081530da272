"""Every mishap as a page: what is wrong, what to do, and the way back; never a traceback."""

from __future__ import annotations

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from glucolog.core.wording import web as words
from glucolog.errors import (
    DatabaseError,
    GlucologError,
    NotFoundError,
    RefusedError,
    UsageError,
    place_of,
)
from glucolog.web.answers import problem_of
from glucolog.web.desk import SAFE
from glucolog.web.logs import LOG

STATUSES: tuple[tuple[type[GlucologError], int], ...] = (
    (NotFoundError, 404),
    (RefusedError, 409),
    (UsageError, 400),
    (DatabaseError, 503),
)
DEFECT = 500


def handle_problems(app: Flask) -> None:
    """Answer every error of a request with a page."""
    app.register_error_handler(GlucologError, _known)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _defect)


def problem_page(error: GlucologError, status: int) -> Response:
    """Return the page of one error."""
    return make_response(render_template("problem.html", problem=problem_of("", error), title="Not done"), status)


def _known(error: GlucologError) -> Response:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), DEFECT)
    return problem_page(error, status)


def _of_http(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return problem_page(RefusedError(words.TOO_LARGE, words.TOO_LARGE_REMEDY), 413)
    code = error.code or DEFECT
    if code == 404:
        return problem_page(NotFoundError(words.NOT_FOUND, words.NOT_FOUND_REMEDY), code)
    return problem_page(UsageError(error.name + ".", words.NOT_FOUND_REMEDY), code)


def _defect(error: Exception) -> Response:
    LOG.error("a page failed: %s", place_of(error))
    said = words.PAGE_DEFECT if request.method in SAFE else words.DEFECT
    return problem_page(GlucologError(said, words.DEFECT_REMEDY), DEFECT)
