"""Summaries against NumPy, the merge law, and the sums that float32 and float64 cannot hold."""

from __future__ import annotations

import json
import math

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from randomness import generator, seeded

import trimtab

ELEMENTS = st.floats(allow_nan=True, allow_infinity=True, width=64)


def test_counts_and_extremes() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, 3.0, -4.0])
    summary = trimtab.summarize(values)
    assert (summary.count, summary.nan_count, summary.positive_infinity_count, summary.negative_infinity_count) == (
        8,
        1,
        1,
        1,
    )
    assert (summary.zero_count, summary.subnormal_count, summary.first_nonfinite_index) == (2, 1, 0)
    assert (summary.minimum, summary.maximum, summary.l1_norm, summary.l2_norm) == (-4, 3, 7, 5)
    assert summary.nonfinite_count == 3


@pytest.mark.parametrize(("value", "count"), [(1e20, 1000), (1e-30, 1000), (2e200, 10), (1e-200, 7), (5e-324, 9)])
def test_norms_where_squares_leave_the_range(value: float, count: int) -> None:
    kind = np.float32 if 1e-38 < value < 1e38 else np.float64
    values = np.full(count, value, dtype=kind)
    expected = float(values[0]) * math.sqrt(count)
    summary = trimtab.summarize(values)
    assert summary.l2_norm == pytest.approx(expected, rel=1e-14, abs=5e-324)
    assert math.ldexp(math.sqrt(summary.scaled_square_sum), summary.scale_exponent) == pytest.approx(
        expected, rel=1e-12, abs=5e-324
    )


def test_subnormals_of_the_element_type() -> None:
    assert trimtab.summarize(np.array([1e-40, 1.0], dtype=np.float32)).subnormal_count == 1
    assert trimtab.summarize(np.array([1e-40, 1.0])).subnormal_count == 0
    assert trimtab.summarize(np.array([1e-7, 1.0], dtype=np.float16)).subnormal_count == 1


@seeded
@given(
    hnp.arrays(np.float64, st.integers(0, 40), elements=ELEMENTS),
    hnp.arrays(np.float64, st.integers(0, 40), elements=ELEMENTS),
)
def test_merge_is_the_summary_of_both(first: np.ndarray, second: np.ndarray) -> None:
    together = trimtab.summarize(np.concatenate([first, second]))
    merged = trimtab.summarize(first).merge(trimtab.summarize(second))
    for name in ("count", "nan_count", "zero_count", "subnormal_count", "first_nonfinite_index", "minimum", "maximum"):
        assert getattr(merged, name) == getattr(together, name), name
    assert merged.l2_norm == pytest.approx(together.l2_norm, rel=1e-12, abs=1e-323)
    assert merged.l1_norm == pytest.approx(together.l1_norm, rel=1e-12, abs=1e-323)


def test_identity_changes_nothing() -> None:
    summary = trimtab.summarize(generator().normal(size=100))
    identity = trimtab.Summary.identity()
    assert (identity.minimum, identity.maximum, identity.count) == (math.inf, -math.inf, 0)
    assert summary.merge(identity) == summary == identity.merge(summary)


def test_merge_refuses_what_no_data_gives() -> None:
    summary = trimtab.summarize([1.0])
    with pytest.raises(TypeError, match="other: found dict, allowed Summary"):
        summary.merge({})  # type: ignore[arg-type]
    broken = trimtab.Summary(**{**summary.as_dict(), "count": -1})
    with pytest.raises(ValueError, match="count"):
        summary.merge(broken)


def test_summarize_all_keeps_order_and_names() -> None:
    tensors = {"a": np.arange(3.0), "b": np.full((2, 2), np.nan), "c": np.array([], dtype=np.float32)}
    named = trimtab.summarize_all(tensors)
    assert list(named) == ["a", "b", "c"]
    assert (
        list(named.values())
        == trimtab.summarize_all(tensors.values())
        == [trimtab.summarize(t) for t in tensors.values()]
    )
    assert trimtab.summarize_all([]) == []
    with pytest.raises(TypeError, match=r"tensors\['x'\]: found element type complex128"):
        trimtab.summarize_all({"x": np.zeros(2, dtype=complex)})


def test_library_names_the_tensor_by_index() -> None:
    with pytest.raises(ValueError, match=r"tensors\[1\]"):
        trimtab.summarize_all([np.zeros(3), np.zeros((1,) * 9)])


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf, math.nan]])
def test_repr_without_a_finite_value_shows_no_extremes(values: list[float]) -> None:
    text = repr(trimtab.summarize(values))
    assert text.endswith(f": {len(values)} elements, no finite value")
    assert "inf" not in text.replace("finite", "").replace("non-", "")
    assert "in [3, 3], mean 3" in repr(trimtab.summarize([math.nan, 3.0]))


def test_as_dict_is_json() -> None:
    listed = trimtab.Summary.identity().as_dict()
    assert listed["minimum"] == "inf"
    assert float(json.loads(json.dumps(listed, allow_nan=False))["maximum"]) == -math.inf


@pytest.mark.parametrize(("power", "count"), [(1, 1001), (3, 1001), (4, 1001)])
def test_nist_numacc_means(power: int, count: int) -> None:
    """NIST StRD NumAcc2 to 4: offsets of 1 to 1e7 with alternating tenths."""
    offset = {1: 1.2, 3: 1000000.2, 4: 10000000.2}[power]
    values = np.array([offset] + [offset - 0.1, offset + 0.1] * ((count - 1) // 2))
    assert trimtab.summarize(values).mean == pytest.approx(offset, rel=1e-14)
