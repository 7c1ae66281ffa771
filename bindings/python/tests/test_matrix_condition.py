"""The condition of matrices against NumPy and SciPy, and the test matrices of linear algebra."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from randomness import generator, seeded

import trimtab
from trimtab import Cause, Outcome, Verdict

Array = np.ndarray[Any, Any]


def kahan(size: int, angle: float = 1.2) -> Array:
    sine, cosine = math.sin(angle), math.cos(angle)
    upper = np.eye(size) - cosine * np.triu(np.ones((size, size)), 1)
    return np.diag(sine ** np.arange(size)) @ upper


def lauchli(size: int, mu: float) -> Array:
    return np.vstack([np.ones(size), mu * np.eye(size)])


def unit_upper(size: int) -> Array:
    return np.eye(size) - np.triu(np.ones((size, size)), 1)


def frank(size: int) -> Array:
    matrix = np.array([[size - max(i, j) for j in range(size)] for i in range(size)], dtype=float)
    return np.where(np.subtract.outer(np.arange(size), np.arange(size)) > 1, 0, matrix)


@pytest.mark.parametrize(
    ("matrix", "kappa", "relative"),
    [
        (scipy.linalg.hilbert(4), 15513.73873893259, 1e-11),
        (scipy.linalg.hilbert(6), 14951058.64013122, 1e-8),
        (scipy.linalg.hilbert(8), 15257575741.64694, 1e-5),
        (kahan(10), 29.85262472001983, 1e-12),
        (kahan(30), 140083.5236804248, 1e-9),
        (scipy.linalg.pascal(8).astype(float), 20645173.41542575, 1e-8),
        (unit_upper(16), 204262.9571835306, 1e-9),
        (unit_upper(24), 80528126.67736958, 1e-7),
        *[(lauchli(6, mu), math.sqrt(6 + mu * mu) / mu, 1e-9) for mu in (1e-3, 1e-5, 1e-7, 1e-9)],
        (np.array([[1.0, 0, 1], [0, -2, 0], [0, 0, 3]]), None, 1e-13),
        (np.eye(7), 1.0, 1e-15),
    ],
)
def test_matrix_oracles(matrix: Array, kappa: float | None, relative: float) -> None:
    expected = np.linalg.cond(matrix) if kappa is None else kappa
    for method in ("automatic", "exact"):
        report = trimtab.matrix_condition(matrix, method=method)
        assert report.condition_number == pytest.approx(expected, rel=relative), method
        assert report.largest_singular_value == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-12)


def test_frank_is_as_ill_conditioned_as_numpy_says() -> None:
    matrix = frank(10)
    report = trimtab.matrix_condition(matrix)
    assert report.condition_number == pytest.approx(np.linalg.cond(matrix), rel=1e-7)
    assert report.condition_number == pytest.approx(28543218.32614488, rel=1e-7)


@seeded
@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 30))
def test_any_matrix_is_numpy_s(salt: int, rows: int, columns: int) -> None:
    matrix = generator(salt).normal(size=(rows, columns))
    report = trimtab.matrix_condition(matrix)
    singular = np.linalg.svd(matrix, compute_uv=False)
    kappa = singular[0] / singular[-1]
    assert report.condition_number == pytest.approx(kappa, rel=1e-12 + 1e-15 * kappa)
    assert report.rank == min(rows, columns)
    assert report.stable_rank == pytest.approx((singular**2).sum() / singular[0] ** 2, rel=1e-12)
    assert (report.row_count, report.column_count) == (rows, columns)


@pytest.mark.parametrize("norm", [1, math.inf, "fro", 2])
def test_norms_are_numpy_s(norm: Any) -> None:
    for matrix in (np.array([[1.0, 0, 1], [0, -2, 0], [0, 0, 3]]), generator().normal(size=(12, 12))):
        report = trimtab.matrix_condition(matrix, norm=norm)
        assert report.condition_number == pytest.approx(np.linalg.cond(matrix, norm), rel=1e-10)


def test_numpy_s_own_cases() -> None:
    matrix = np.array([[1.0, 0, 1], [0, -2, 0], [0, 0, 3]])
    assert trimtab.matrix_condition(matrix, norm=1).condition_number == pytest.approx(4, rel=1e-14)
    assert trimtab.matrix_condition(matrix, norm=math.inf).condition_number == pytest.approx(4, rel=1e-14)
    assert trimtab.matrix_condition(matrix, norm="fro").condition_number == pytest.approx(
        math.sqrt(265 / 12), rel=1e-14
    )


@pytest.mark.parametrize("matrix", [scipy.linalg.hilbert(8), kahan(12), unit_upper(16)])
def test_estimate_is_a_lower_bound_and_says_so(matrix: Array) -> None:
    report = trimtab.matrix_condition(matrix, norm=1, method="estimate")
    exact = np.linalg.cond(matrix, 1)
    assert exact / 3 <= report.condition_number <= exact * (1 + 1e-6)
    assert (report.method, report.certain, report.relative_error_bound) == ("estimate", False, math.inf)


def test_singular_zero_and_nonfinite_matrices() -> None:
    singular = trimtab.matrix_condition([[1.0, 2.0], [2.0, 4.0]])
    assert singular.condition_number > 1e15
    assert (singular.rank, singular.cause) == (1, Cause.RANK_DEFICIENT)
    assert trimtab.matrix_condition([[1.0, np.nan], [0.0, 1.0]]).outcome is Outcome.NONFINITE
    assert trimtab.matrix_condition(np.zeros((3, 2))).outcome is Outcome.DEGENERATE
    assert trimtab.matrix_condition(np.empty((0, 2))).outcome is Outcome.INSUFFICIENT


def test_zero_rows_are_structure() -> None:
    matrix = generator().normal(size=(9, 6))
    padded = np.zeros((11, 7))
    padded[1:10, :6] = matrix
    report = trimtab.matrix_condition(padded)
    assert (report.zero_row_count, report.zero_column_count) == (2, 1)
    assert report.condition_number_on_support == pytest.approx(np.linalg.cond(matrix), rel=1e-11)
    assert report.verdict < Verdict.WARNING


def test_convolution_weights_are_flattened() -> None:
    weight = generator().normal(size=(8, 3, 3, 3)).astype(np.float32)
    report = trimtab.matrix_condition(weight)
    assert (report.row_count, report.column_count) == (8, 27)
    assert report.condition_number == pytest.approx(np.linalg.cond(weight.reshape(8, 27).astype(float)), rel=1e-11)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"norm": 3}, ValueError, "norm: found 3, allowed 2, 1, inf or 'fro'"),
        ({"norm": [1]}, ValueError, "norm: found"),
        ({"method": "svd"}, ValueError, "method: found 'svd', allowed one of 'automatic'"),
        ({"norm": 1}, ValueError, "matrix|norm"),
        ({"relative_tolerance": -1}, ValueError, "relative_tolerance"),
        ({"maximum_elements": 3}, ValueError, "maximum_elements|matrix"),
    ],
)
def test_matrix_refusals(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        trimtab.matrix_condition(np.ones((3, 5)), **options)
