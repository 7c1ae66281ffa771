"""What the device sums up is what the library does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import trimtab

torch = pytest.importorskip("torch", reason="torch is not installed")
trimtab_torch = pytest.importorskip("trimtab.torch")


from trimtab.torch import _device_rows  # noqa: E402
from trimtab.torch._readback import _summaries  # noqa: E402

nn = torch.nn


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimtab_torch.Watch, "_is_late", True)


def tensors(dtype: Any) -> list[Any]:
    made = [torch.randn(300, 7), torch.randn(5), torch.zeros(3), torch.randn(2000) * 1e-40, torch.randn(1500)]
    made += [torch.randn(4, 1024), torch.full((9,), torch.nan), torch.tensor(-2.5), torch.zeros(0, 3)]
    made[4][1300], made[4][1301], made[4][1303] = torch.inf, torch.nan, -torch.inf
    made = [one.to(dtype) for one in made]
    if dtype == torch.float64:
        made += [torch.tensor(values, dtype=dtype) for values in ([1e300, -1e300, 5e-324], [5e-324], [1e-300, 3e-300])]
    return made


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("is_staged", [True, False])
def test_rows_are_the_librarys_summaries(dtype: Any, is_staged: bool) -> None:
    made = tensors(dtype)
    if is_staged:
        counts, measures = _device_rows.Stage(made).measure(made)
    else:
        rows = [_device_rows.tensor_rows(one) for one in made]
        counts, measures = (torch.cat([row[part] for row in rows]) for part in (0, 1))
    sizes = np.array([one.numel() for one in made])
    for one, seen in zip(made, _summaries(sizes, counts.numpy(), measures.numpy()), strict=True):
        wanted = trimtab.summarize(one)
        for name in (
            "count", "nan_count", "positive_infinity_count", "negative_infinity_count", "zero_count",
            "subnormal_count", "first_nonfinite_index", "minimum", "maximum", "scale_exponent",
        ):  # fmt: skip
            assert seen[name] == getattr(wanted, name), (name, one)
        for name in ("scaled_sum", "scaled_absolute_sum", "scaled_square_sum"):
            assert seen[name] == pytest.approx(getattr(wanted, name), rel=1e-12, abs=1e-12), (name, one)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_quick_rows_have_norms_extremes_and_the_first_bad_element(dtype: Any) -> None:
    made = [torch.randn(300, 7), torch.zeros(3), torch.randn(40), torch.randn(40), torch.randn(40)]
    made[2][[7, 9]] = torch.nan
    made[3][[5, 6]] = torch.tensor([-torch.inf, torch.inf])
    made[4][8] = torch.inf
    made = [one.to(dtype) for one in made]
    counts, measures = _device_rows.Quick(made).measure(made)
    sizes = np.array([one.numel() for one in made])
    seen = _summaries(sizes, counts.numpy(), measures.numpy())
    assert seen["first_nonfinite_index"].tolist() == [-1, -1, 7, 5, 8]
    assert (seen["nan_count"] + seen["positive_infinity_count"] + seen["negative_infinity_count"]).tolist() == [
        0, 0, 1, 1, 1,
    ]  # fmt: skip
    wanted = trimtab.summarize(made[0])
    assert seen["scaled_square_sum"][0] == pytest.approx(wanted.scaled_square_sum, rel=1e-5)
    assert (seen["minimum"][0], seen["maximum"][0]) == (wanted.minimum, wanted.maximum)
    assert seen["scaled_absolute_sum"][0] >= wanted.scaled_absolute_sum
    assert seen["zero_count"][:2].tolist() == [0, 3]
    # They are summaries that the library takes.
    monitor = trimtab.Monitor()
    monitor.register("w")
    monitor.begin_step(1)
    for one in seen:
        fields = [one[name].item() for name in trimtab.Summary.__dataclass_fields__]
        monitor.observe_summary("w", "gradient", trimtab.Summary(*fields), 1)


def test_a_tiny_gradient_is_no_zero_gradient() -> None:
    tiny = [torch.full((100,), 1e-30)]
    _, measures = _device_rows.Quick(tiny).measure(tiny)
    assert measures[0, _device_rows.SQUARE] > 0
