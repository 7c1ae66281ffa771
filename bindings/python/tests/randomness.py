"""One seed for all random tests of a run, new in each run unless TRIMTAB_TEST_SEED gives it.

The report's header prints it.
"""

from __future__ import annotations

import os
import secrets

import hypothesis
import numpy as np

SEED = int(os.environ.get("TRIMTAB_TEST_SEED") or secrets.randbits(32))

#: For hypothesis tests.
seeded = hypothesis.seed(SEED)


def generator(salt: int = 0) -> np.random.Generator:
    """A generator of this run's seed; `salt` tells the uses of one test apart."""
    return np.random.default_rng((SEED, salt))
