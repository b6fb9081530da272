"""Where the log is kept: the only layer that knows SQLAlchemy."""

from glucolog.storage.counts import BlockCounts, ReadingConflict
from glucolog.storage.ids import new_id
from glucolog.storage.journal import FOLLOWED, Action, JournalEntry, State
from glucolog.storage.log import Log, open_log
from glucolog.storage.rolling import Reason
from glucolog.storage.writer import Writer

__all__ = [
    "FOLLOWED",
    "Action",
    "BlockCounts",
    "JournalEntry",
    "Log",
    "ReadingConflict",
    "Reason",
    "State",
    "Writer",
    "new_id",
    "open_log",
]
