"""Control windows weighed by how likely they were to stay without a session until their outcome could be read.

A window during which a session starts has no outcome without massage, and which ones those are is no accident: whoever
has massage when glucose stays high leaves windows in which it came down. So the windows that remain stand also for
those like them that were cut short: each counts one over its own chance to remain (inverse probability of censoring
weights; Robins & Finkelstein 2000, Biometrics 56:779–788). The chance comes from the sessions' own habits, a logistic
model of when one starts, fitted on every window and read along the time until the outcome.
"""

from __future__ import annotations

import numpy as np

from glucolog.analysis.covariates import Covariates
from glucolog.analysis.kinds import Flags, Floats, Ints
from glucolog.analysis.matching import GRID_MIN, Busy, gram, terms

MIN_STARTS = 8
"""With fewer sessions that start after a window there is no habit to learn, and every window counts one."""
MAX_WEIGHT = 10.0
"""No window stands for more than so many."""
RIDGE = 4.0
"""Penalty on the standardised columns of the logistic model, the intercept free."""
STEPS = 12
"""Newton steps of the logistic model; it has settled long before."""


def start_chances(windows: Covariates, busy: Busy) -> Floats:
    """Return the chance that a session starts within `GRID_MIN` after each window; 0 where no habit can be learnt.

    `windows` are those of a sensor, every `GRID_MIN` minutes.
    """
    begins = ~busy.is_quiet(windows.at_s, windows.at_s + GRID_MIN * 60 + 1)
    if begins.sum() < MIN_STARTS:
        return np.zeros(len(windows))
    matrix = terms(windows, products=False)
    spread = matrix.std(axis=0)
    standard = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return _logistic(np.column_stack([np.ones(len(windows)), standard]), begins)


def staying_weights(windows: Covariates, chances: Floats, until_s: Ints) -> Floats:
    """Return one over each window's chance that no session starts before `until_s`, at most `MAX_WEIGHT`.

    Time without columns, such as a gap, is taken as time in which none would start.
    """
    order = np.argsort(windows.at_s, kind="stable")
    at_s = windows.at_s[order]
    passed = np.concatenate(([0.0], np.cumsum(-np.log1p(-chances[order]))))
    first = np.searchsorted(at_s, windows.at_s, side="left")
    beyond = np.searchsorted(at_s, until_s - GRID_MIN * 60, side="right")
    survived = passed[np.maximum(beyond, first)] - passed[first]
    return np.asarray(np.minimum(np.exp(survived), MAX_WEIGHT), dtype=np.float64)


def _logistic(matrix: Floats, happens: Flags) -> Floats:
    """Fit a ridge-penalised logistic model whose first column is the intercept; return the fitted chances."""
    penalty = RIDGE * np.eye(matrix.shape[1])
    penalty[0, 0] = 0.0
    slopes = np.zeros(matrix.shape[1])
    slopes[0] = np.log(happens.mean() / (1 - happens.mean()))
    for _ in range(STEPS):
        chance = _chances(matrix, slopes)
        pull = matrix.T @ (happens - chance) - penalty @ slopes
        slopes = slopes + np.linalg.solve(gram(matrix * np.sqrt(chance * (1 - chance))[:, None]) + penalty, pull)
    return _chances(matrix, slopes)


def _chances(matrix: Floats, slopes: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(matrix @ slopes, -30.0, 5.0))), dtype=np.float64)
