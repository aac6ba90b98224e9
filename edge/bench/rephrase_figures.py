"""How well probabilities tell cases apart, and what they are worth. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PRECISION: Final = 0.9
BINS: Final = 15


@dataclass(frozen=True)
class Detection:
    """The figures of one model on some cases."""

    count: int
    positive: int
    average_precision: float
    """Area under precision over recall, as the sum over the steps; chance is the share of the positive."""
    recall: float
    """The most at a precision of at least .90."""
    threshold: float
    """The probability from which that is so; above 1 where it never is."""
    recall_at_half: float
    precision_at_half: float
    calibration_error: float
    """Expected calibration error over 15 bins of equal width."""


def detection(probabilities: Sequence[float], truth: Sequence[bool]) -> Detection:
    """Of cases in the same order."""
    p, y = np.asarray(probabilities, dtype=float), np.asarray(truth, dtype=bool)
    order = np.argsort(-p, kind="stable")
    p_sorted, hits = p[order], np.cumsum(y[order])
    last = np.flatnonzero(np.append(np.diff(p_sorted) != 0, True))  # equal probabilities are taken all or none
    precision, recall = hits[last] / (last + 1), hits[last] / max(1, int(y.sum()))
    good = np.flatnonzero(precision >= PRECISION)
    best = int(good[-1]) if len(good) else -1
    likely = p >= 0.5
    return Detection(
        len(y),
        int(y.sum()),
        float(np.sum(np.diff(recall, prepend=0.0) * precision)),
        float(recall[best]) if best >= 0 else 0.0,
        float(p_sorted[last[best]]) if best >= 0 else 1.01,
        float((likely & y).sum() / max(1, y.sum())),
        float((likely & y).sum() / max(1, likely.sum())),
        calibration_error(p, y),
    )


def calibration_error(p: NDArray[np.float64], y: NDArray[np.bool_]) -> float:
    """Mean distance of probability and share over the bins, weighted by their size."""
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    return float(sum(abs((p[bins == b] - y[bins == b]).sum()) for b in range(BINS)) / max(1, len(y)))
