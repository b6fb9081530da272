"""Files on their way in: kept in a private folder until they are brought in or an hour has passed."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import BinaryIO

from glucolog.errors import NotFoundError
from glucolog.storage.backup import is_alive

KEPT_S = 3600
PREFIX = "glucolog-upload-"
LONGEST_NAME = 120


@dataclass(slots=True)
class Upload:
    """Files dropped together, for one person; `done` of `total` rows are stored so far."""

    id: str
    person_id: str
    folder: Path
    at_s: float
    done: int = 0
    total: int = 0
    files: list[Path] = field(default_factory=list)

    def progress(self, done: int, total: int) -> None:
        """Note how far the import is."""
        self.done, self.total = done, total


@dataclass(slots=True)
class Uploads:
    """The private folder and what waits in it."""

    _folder: Path | None = None
    _waiting: dict[str, Upload] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, person_id: str) -> Upload:
        """Make room for files of a person."""
        self._sweep()
        upload_id = secrets.token_urlsafe(12)
        with self._lock:
            self._folder = self._folder or Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
            upload = Upload(upload_id, person_id, self._folder / upload_id, time.monotonic())
            upload.folder.mkdir(mode=0o700)
            self._waiting[upload_id] = upload
        return upload

    def keep(self, upload: Upload, name: str, stream: BinaryIO) -> None:
        """Keep one file under its own bare name, in a folder of its own."""
        folder = upload.folder / str(len(upload.files))
        folder.mkdir(mode=0o700)
        path = folder / bare_name(name)
        with path.open("wb") as target:
            shutil.copyfileobj(stream, target)
        upload.files.append(path)

    def of(self, person_id: str, upload_id: str) -> Upload:
        """Return what a person dropped. Raises `NotFoundError` when it was brought in, thrown away or another's."""
        with self._lock:
            found = self._waiting.get(upload_id)
        if found is None or found.person_id != person_id:
            raise NotFoundError("These files are not waiting any more.", "Choose them again.")
        return found

    def drop(self, upload: Upload) -> None:
        """Throw the files away."""
        with self._lock:
            self._waiting.pop(upload.id, None)
        shutil.rmtree(upload.folder, ignore_errors=True)

    def close(self) -> None:
        """Throw everything away."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _sweep(self) -> None:
        old = [upload for upload in self._waiting.values() if time.monotonic() - upload.at_s > KEPT_S]
        for upload in old:
            self.drop(upload)


def throw_away_what_killed_servers_left() -> None:
    """Take away the folders of files that servers which are gone were to bring in: others' readings, in the plain."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)  # another login's are not ours to remove


def bare_name(name: str) -> str:
    """Return a file's name without any folder or control character; never empty, never a dot name."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '/\0:*?"<>|').strip(" .")
    return kept[-LONGEST_NAME:] or "file"
