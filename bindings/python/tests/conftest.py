"""Says what is under test and with which seed."""

from __future__ import annotations

import hypothesis
from randomness import SEED

import trimtab

hypothesis.settings.register_profile("trimtab", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.load_profile("trimtab")


def pytest_report_header() -> list[str]:
    return [
        f"trimtab {trimtab.__version__}, {trimtab.KERNEL_LEVEL} kernels of {trimtab.LIBRARY_PATH}",
        f"TRIMTAB_TEST_SEED={SEED} (set it to repeat this run)",
    ]
