"""Says what is under test and with which seed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import hypothesis
import pytest
from randomness import SEED

import trimtab

if TYPE_CHECKING:
    from collections.abc import Iterator

hypothesis.settings.register_profile("trimtab", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.load_profile("trimtab")


def pytest_report_header() -> list[str]:
    return [
        f"trimtab {trimtab.__version__}, {trimtab.KERNEL_LEVEL} kernels of {trimtab.LIBRARY_PATH}",
        f"TRIMTAB_TEST_SEED={SEED} (set it to repeat this run)",
    ]


@pytest.fixture(autouse=True)
def _one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """PyTorch's tests run on one thread, from the seed of this run."""
    uses_torch = request.module.__name__.startswith(("test_torch_", "test_trainer_"))
    torch = sys.modules.get("torch") if uses_torch else None
    if torch is None:
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    yield
    torch.set_num_threads(threads)
