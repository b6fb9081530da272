"""Bringing files in: dropped or chosen, looked at first, then stored as an undoable whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from glucolog.core.units import Unit
from glucolog.errors import GlucologError, RefusedError
from glucolog.importers.source import source_file
from glucolog.services import importing, receipts
from glucolog.services.identity import new_id
from glucolog.services.importing import ImportOutcome
from glucolog.services.mappings import Columns, columns_of
from glucolog.web.answers import Answers, FieldProblem, problem_of
from glucolog.web.desk import SEE_OTHER, UNPROCESSABLE, Desk, desk_of, shown
from glucolog.web.setup import house
from glucolog.web.uploads import Upload

pages = Blueprint("importing", __name__)
UPLOAD_LIMIT_BYTES = 256 * 1024 * 1024
MOST_FILES = 20
MEANINGS = {
    "time": "Time, or date and time",
    "date": "Date, where the time stands alone",
    "glucose_mg_dl": "Glucose in mg/dL",
    "glucose_mmol_l": "Glucose in mmol/L",
    "insulin_units": "Insulin, units",
    "insulin": "Insulin, its name",
    "site": "Injection site",
    "carbs_g": "Carbs, g",
    "source": "Sensor or meter",
    "note": "Note",
}
"""What a column can be, in words."""
_OURS = re.compile(r"unit|dates|zone|map-\d+-[a-z_]+")
_COLUMN = re.compile(r"[0-9]{1,4}")
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
    tables = [_table(path, outcome) for path, (_, outcome, _) in zip(upload.files, done, strict=True)]
    return shown(
        "import_preview.html", desk, upload=upload, done=done, uid=new_id(), said=request.args, tables=tables,
        fields=MEANINGS, carried=_carried(),
    )  # fmt: skip


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
    return [_one(desk, upload, number, uid, dry_run=dry_run) for number in range(len(upload.files))]


def _one(
    desk: Desk, upload: Upload, number: int, uid: str, *, dry_run: bool
) -> tuple[str, ImportOutcome | None, FieldProblem | None]:
    path = upload.files[number]
    try:
        asked = _asked(_mapping(number, path), dry_run=dry_run)
        outcome = importing.import_file(desk.log, desk.person, str(path), asked, desk.call(uid), upload.progress)
    except GlucologError as error:
        return path.name, None, problem_of("files", error)
    return path.name, outcome, None


def _table(path: Path, outcome: ImportOutcome | None) -> Columns | None:
    """Return the columns to ask about: of a table that nobody knows, or one that is read by its columns' names."""
    if outcome is not None and outcome.format != importing.GENERIC:
        return None
    try:
        return columns_of(source_file(path))
    except GlucologError:
        return None  # what is wrong with the file stands beside it already


def _mapping(number: int, path: Path) -> dict[str, str]:
    """Return what was said of a file's columns, as header → meaning."""
    said = {name: request.values.get(f"map-{number}-{name}", "") for name in MEANINGS}
    if not any(said.values()):
        return {}
    table = columns_of(source_file(path))
    headers = dict(enumerate(table.headers)) if table else {}
    return {headers[int(at)]: name for name, at in said.items() if _COLUMN.fullmatch(at) and int(at) in headers}


def _carried() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.args.items() if value and _OURS.fullmatch(name)]


def _asked(mapping: dict[str, str], *, dry_run: bool) -> importing.Request:
    said = request.values
    dates: Sequence[str] = ("day-first", "month-first")
    return importing.Request(
        mapping=mapping,
        unit=Unit(said["unit"]) if said.get("unit") in tuple(Unit) else None,
        day_first=said["dates"] == "day-first" if said.get("dates") in dates else None,
        zone=said.get("zone") or None,
        dry_run=dry_run,
    )
