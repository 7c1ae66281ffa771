"""Single logs for the log doctor, and what it says of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from randomness import SEED

from trimtab import LogFinding, Verdict, check_log

Numbers = npt.NDArray[np.float64]
ROWS = np.arange(3000)


def falling(rows: int = 3000, seed: int = 0, noise: float = 0.03) -> Numbers:
    """From 8 to 3, with noise."""
    random = np.random.default_rng([SEED, seed])
    loss: Numbers = 3 + 5 * np.exp(-np.arange(rows) / (0.15 * rows)) + noise * random.standard_normal(rows)
    return loss


def warnings(**columns: Any) -> list[LogFinding]:
    return [finding for finding in check_log(**columns).findings if finding.verdict >= Verdict.WARNING]


def first(**columns: Any) -> LogFinding:
    return check_log(**columns).findings[0]
