"""Bringing files in: dropped or chosen, looked at first, then stored as an undoable whole."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.units import Unit
from glucolog.errors import GlucologError, RefusedError
from glucolog.services import importing, receipts
from glucolog.services.identity import new_id
from glucolog.services.importing import ImportOutcome
from glucolog.web.answers import Answers, FieldProblem, problem_of
from glucolog.web.desk import SEE_OTHER, UNPROCESSABLE, Desk, desk_of, shown
from glucolog.web.setup import house
from glucolog.web.uploads import Upload

pages = Blueprint("importing", __name__)
UPLOAD_LIMIT_BYTES = 256 * 1024 * 1024
MOST_FILES = 20
Done = list[tuple[str, ImportOutcome | None, FieldProblem | None]]


@pages.get("/p/<person_id>/import")
def choose(person_id: str) -> ResponseReturnValue:
    """Ask for files."""
    return shown("import.html", desk_of(person_id), problems=())


@pages.post("/p/<person_id>/import")
def drop(person_id: str) -> ResponseReturnValue:
    """Keep the files for a while and lead to the preview."""
    desk = desk_of(person_id)
    request.max_content_length = UPLOAD_LIMIT_BYTES
    answers = Answers(request.form)
    answers.check_person(desk.person)
    files = [file for file in request.files.getlist("files") if file.filename][:MOST_FILES]
    if not files:
        problem = problem_of("files", RefusedError("No file was chosen.", "Choose one, or drop it on the page."))
        return shown("import.html", desk, problems=(problem,)), UNPROCESSABLE
    uploads = house().uploads
    upload = uploads.begin(desk.person.id)
    for file in files:
        uploads.keep(upload, file.filename or "", file.stream)  # type: ignore[arg-type]  # an upload's stream is binary
    return redirect(url_for("importing.preview", person_id=person_id, upload_id=upload.id), SEE_OTHER)


@pages.get("/p/<person_id>/import/<upload_id>")
def preview(person_id: str, upload_id: str) -> ResponseReturnValue:
    """Show what would come in; nothing is stored."""
    desk = desk_of(person_id)
    upload = house().uploads.of(desk.person.id, upload_id)
    done = _bring_in(desk, upload, new_id(), dry_run=True)
    return shown(
        "import_preview.html", desk, upload=upload, done=done, uid=new_id(), said=request.args, units=list(Unit)
    )


@pages.post("/p/<person_id>/import/<upload_id>")
def store(person_id: str, upload_id: str) -> ResponseReturnValue:
    """Bring the files in, or throw them away."""
    desk, answers = desk_of(person_id), Answers(request.form)
    answers.check_person(desk.person)
    upload = house().uploads.of(desk.person.id, upload_id)
    if answers.text("act") == "drop":
        house().uploads.drop(upload)
        return redirect(url_for("importing.choose", person_id=person_id), SEE_OTHER)
    done = _bring_in(desk, upload, answers.text("uid") or new_id(), dry_run=False)
    if all(outcome for _, outcome, _ in done):
        house().uploads.drop(upload)
    made = [
        outcome and outcome.batch and receipts.of_batch(desk.log, desk.person, outcome.batch) for _, outcome, _ in done
    ]
    return shown("import_done.html", desk, done=zip(done, made, strict=True), new_id=new_id)


@pages.get("/p/<person_id>/import/<upload_id>/progress")
def progress(person_id: str, upload_id: str) -> ResponseReturnValue:
    """Say how far an import is."""
    upload = house().uploads.of(desk_of(person_id).person.id, upload_id)
    return jsonify(done=upload.done, total=upload.total)


def _bring_in(desk: Desk, upload: Upload, uid: str, *, dry_run: bool) -> Done:
    asked = _asked(dry_run=dry_run)
    return [_one(desk, upload, str(path), asked, uid) for path in upload.files]


def _one(
    desk: Desk, upload: Upload, path: str, asked: importing.Request, uid: str
) -> tuple[str, ImportOutcome | None, FieldProblem | None]:
    name = path.rpartition("/")[2]
    try:
        outcome = importing.import_file(desk.log, desk.person, path, asked, desk.call(uid), upload.progress)
    except GlucologError as error:
        return name, None, problem_of("files", error)
    return name, outcome, None


def _asked(*, dry_run: bool) -> importing.Request:
    said = request.values
    dates: Sequence[str] = ("day-first", "month-first")
    return importing.Request(
        unit=Unit(said["unit"]) if said.get("unit") in tuple(Unit) else None,
        day_first=said["dates"] == "day-first" if said.get("dates") in dates else None,
        zone=said.get("zone") or None,
        dry_run=dry_run,
    )
