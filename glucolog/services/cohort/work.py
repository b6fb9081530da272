"""The work on one shard: the same function of a task and a folder in this process, in a pool and on a cluster.

What is wrong with a shard comes back as words, so that one bad shard stops no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256

from glucolog.analysis.cohort import Kernel, Row, person_effect, person_lows, person_stats
from glucolog.analysis.outcomes import Outcome
from glucolog.errors import GlucologError
from glucolog.services.choice import Choice
from glucolog.services.cohort.shards import Piece, read_people, refuse_changed

BAD_SHARD = OSError, ValueError, TypeError, LookupError, ArithmeticError, NotImplementedError, GlucologError
"""What unreadable or impossible columns raise, here and in pyarrow, whose own errors derive from these."""


ALL_SESSIONS = Choice()


class Question(StrEnum):
    """What is asked of every person."""

    STATS = "stats"
    EFFECT = "effect"
    LOWS = "lows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question with its settings: for `effect`, the outcome and which sessions are compared.

    `key` names it among the results kept for resuming.
    """

    question: Question
    outcome: Outcome = Outcome.CHANGE_120
    choice: Choice = ALL_SESSIONS

    @property
    def key(self) -> str:
        """A folder's name."""
        if self.question is not Question.EFFECT:
            return self.question.value
        chosen = "" if self.choice == ALL_SESSIONS else f"-{sha256(repr(self.choice).encode()).hexdigest()[:16]}"
        return f"effect-{self.outcome}{chosen}"

    def is_asked_by(self, key: str) -> bool:
        """Whether another task of that key asks the same question."""
        return key.partition("-")[0] == self.question

    @property
    def kernel(self) -> Kernel:
        """The function of one person."""
        if self.question is Question.EFFECT:
            return partial(person_effect, outcome=self.outcome, takes=self.choice.takes)
        return person_stats if self.question is Question.STATS else person_lows


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A shard's rows in the order of its people, or why there are none."""

    shard: str
    rows: tuple[Row, ...] = ()
    reason: str | None = None


def work(task: Task, piece: Piece) -> Done:
    """Answer the task for every person of a shard."""
    try:
        refuse_changed(piece)
        return Done(shard=piece.name, rows=tuple(map(task.kernel, read_people(piece.folder))))
    except BAD_SHARD as error:
        return Done(shard=piece.name, reason=_told(error))


def _told(error: Exception) -> str:
    if isinstance(error, GlucologError):
        return error.problem
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}"[:300]
