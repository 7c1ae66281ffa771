"""Which programs are set aside: no threshold is tuned on them.

Kinds of faults are put in the order of a hash of their names, and every second one is for the test, with all its
seeds. Of the other kinds the odd seeds are for the test too. The test has seeds of its own (from TEST_SEED on), so that
no repaired twin is in both halves. Healthy programs are split by a hash of their names, and those of the test are drawn
from TEST_SEED. Nobody chooses. A rule that was written after a look at the test half takes a new TEST_SEED.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TUNING, TEST = "tuning", "test"
#: The first seed of the test half: even. 100 and 0 served before the rules of thrown starts and of first losses, 2000
#: before those of sparse layers, late slopes, small starts and unsure mismatches, which were tried on 3000 and 4000.
TEST_SEED = 6000


def _number(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


def kinds_of_test(kinds: Iterable[str]) -> frozenset[str]:
    """Half of them, the greater half where the number is odd."""
    return frozenset(sorted(kinds, key=_number)[::2])


def of_fault(is_test_kind: bool, seed: int) -> str:
    """The half of a faulty program and its twin."""
    return TEST if is_test_kind or seed % 2 == 1 else TUNING


def of_healthy(name: str) -> str:
    """The half of a healthy program."""
    return TEST if _number(name) % 2 == 1 else TUNING
