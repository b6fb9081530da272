"""What can be wrong with a cohort, each with its sentence."""

from __future__ import annotations

from pathlib import Path

from glucolog.errors import NotFoundError, RefusedError, UsageError


class NoCohortError(NotFoundError):
    """The folder holds no cohort."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no cohort in {folder}.", "Make one with `glucolog cohort export FOLDER`.")


class BadCohortError(RefusedError):
    """The folder's list of shards can't be read."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"The cohort in {folder} can't be read: {what}.", "Export it again into an empty folder.")


class ChangedShardError(RefusedError):
    """A shard is not as it was exported: damaged, or changed by hand."""

    def __init__(self) -> None:
        super().__init__("Its bytes are not those that were exported.", "Export again.")


class FolderTakenError(RefusedError):
    """An export never mixes with what is there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is not empty.", "Name a folder that is empty or does not exist yet.")


class NobodyConsentsError(RefusedError):
    """No one may be counted."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody in this log agreed to be counted.",
            "Who agrees says so with `glucolog person edit --research-consent`.",
        )


class UnknownEndingError(UsageError):
    """Results go into files of known kinds."""

    def __init__(self, file: str) -> None:
        super().__init__(f"Results can't be written as {file}.", "End the name with .csv, .parquet or .html.")


class NoClusterError(NotFoundError):
    """The scheduler does not answer."""

    def __init__(self, address: str, what: str) -> None:
        super().__init__(f"No Dask scheduler answers at {address} ({what}).", "Start one, or leave --cluster out.")
