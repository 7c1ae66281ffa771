"""Whitening against scikit-learn and closed forms, and as a scikit-learn transformer."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from randomness import generator
from sklearn.base import clone
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted
from test_conditioning import correlated, with_covariance

import trimtab
from trimtab import Whitener

Array = np.ndarray[Any, Any]
METHODS = pytest.mark.parametrize("method", ["zca", "pca", "cholesky"])


@METHODS
def test_covariance_becomes_the_identity(method: str) -> None:
    samples = correlated(500, 8)
    whitener = Whitener(method)
    white = whitener.fit_transform(samples)
    kappa = np.linalg.cond(np.cov(samples.T))
    assert np.abs(np.cov(white.T, bias=True) - np.eye(8)).max() < 1e-13 * kappa
    assert np.abs(white.mean(0)).max() < 1e-13 * kappa
    assert trimtab.condition_number(white).condition_number == pytest.approx(1, rel=1e-11 * kappa)
    matrix, mean = whitener.whitening_, whitener.mean_
    assert white == pytest.approx((samples - samples.mean(0)) @ matrix.T, rel=1e-10, abs=1e-11)
    assert mean == pytest.approx(samples.mean(0), rel=1e-12)
    assert (whitener.n_features_in_, whitener.n_samples_seen_) == (8, 500)


def test_closed_forms() -> None:
    samples = with_covariance(np.array([[2.0, 1.0], [1.0, 2.0]]), 60)
    near, far = (1 / np.sqrt(3) + 1) / 2, (1 / np.sqrt(3) - 1) / 2
    assert Whitener("zca").fit(samples).whitening_ == pytest.approx(np.array([[near, far], [far, near]]), rel=1e-12)
    inverse = np.linalg.inv(np.linalg.cholesky(np.array([[2.0, 1.0], [1.0, 2.0]])))
    assert Whitener("cholesky").fit(samples).whitening_ == pytest.approx(inverse, rel=1e-11, abs=1e-12)
    principal = Whitener("pca").fit(samples).whitening_
    assert principal[0] == pytest.approx(np.array([1, 1]) / np.sqrt(6), rel=1e-12)
    assert np.abs(principal[1]) == pytest.approx(np.array([1, 1]) / np.sqrt(2), rel=1e-11)


def test_pca_is_scikit_learn_s() -> None:
    samples = load_wine().data
    count = len(samples)
    reference = PCA(whiten=True, svd_solver="full").fit(samples)
    expected = reference.transform(samples) * np.sqrt(count / (count - 1))  # scikit-learn divides by n - 1 here.
    white = Whitener("pca").fit_transform(samples)
    assert np.abs(white) == pytest.approx(np.abs(expected), rel=1e-6, abs=1e-6)
    rows = Whitener("pca").fit(samples).whitening_
    assert (rows[np.arange(13), np.abs(rows).argmax(1)] > 0).all()


def test_zca_is_symmetric_and_closest() -> None:
    samples = correlated(300, 6)
    zca = Whitener("zca").fit(samples)
    assert zca.whitening_ == pytest.approx(zca.whitening_.T, rel=1e-9, abs=1e-12)
    distances = {
        method: np.square(Whitener(method).fit_transform(samples) - (samples - samples.mean(0))).sum()
        for method in ("zca", "pca", "cholesky")
    }
    assert distances["zca"] == min(distances.values())


def test_rank_deficient_data() -> None:
    """scikit-learn's own case: 100 x 80 of rank 50 gives unit deviation and zero mean on the support."""
    random = generator()
    samples = random.normal(size=(100, 50)) @ np.diag(np.linspace(10, 1, 50)) @ random.normal(size=(50, 80))
    white = Whitener("pca").fit_transform(samples)
    assert white[:, :50].std(0) == pytest.approx(np.ones(50), rel=1e-10)
    assert np.abs(white.mean(0)).max() < 1e-11
    assert np.abs(white[:, 50:]).max() == 0
    pixels = load_digits().data
    assert np.isfinite(Whitener().fit_transform(pixels)).all()


def test_singular_data_and_cholesky() -> None:
    samples = correlated(100, 3)
    doubled = np.column_stack([samples, samples[:, 0]])
    with pytest.raises(ValueError, match="X: found rank 3 of 4, allowed full rank for Cholesky"):
        Whitener("cholesky").fit(doubled)
    white = Whitener("cholesky", regularisation=1e-3).fit_transform(doubled)
    assert np.isfinite(white).all()


def test_regularisation_is_added_to_the_eigenvalues() -> None:
    samples = correlated(200, 5)
    eigenvalues, vectors = np.linalg.eigh(np.cov(samples.T, bias=True))
    expected = vectors @ np.diag((eigenvalues + 0.1 * eigenvalues.mean()) ** -0.5) @ vectors.T
    assert Whitener(regularisation=0.1).fit(samples).whitening_ == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_partial_fit_is_fit() -> None:
    samples = correlated(400, 5)
    whole = Whitener().fit(samples)
    parts = Whitener()
    for batch in np.array_split(samples, 9):
        parts.partial_fit(batch)
    assert parts.whitening_ == pytest.approx(whole.whitening_, rel=1e-9, abs=1e-12)
    assert parts.n_samples_seen_ == 400
    assert parts.partial_fit(samples * 2).whitening_ != pytest.approx(whole.whitening_, rel=1e-3)
    again = Whitener().partial_fit(samples[:1])
    with pytest.raises(ValueError, match="X: found 1 samples, allowed 2 or more"):
        again.transform(samples)


def test_output_types_and_memory() -> None:
    samples = correlated(60, 4)
    whitener = Whitener().fit(samples)
    reference = whitener.transform(samples)
    assert reference.dtype == np.float64
    single = whitener.transform(samples.astype(np.float32))
    assert single.dtype == np.float32
    assert single == pytest.approx(reference, rel=1e-3, abs=1e-3)
    assert whitener.transform((samples * 100).astype(np.int32)).dtype == np.float64
    given = np.empty((4, 60)).T
    assert whitener.transform(samples, out=given) is given
    assert given == pytest.approx(reference, rel=1e-14, abs=1e-15)
    in_place = samples.copy()
    whitener.transform(in_place, out=in_place)
    assert in_place == pytest.approx(reference, rel=1e-14, abs=1e-15)
    torch = pytest.importorskip("torch", reason="torch is not installed")
    assert whitener.transform(torch.from_numpy(samples)) == pytest.approx(reference, rel=1e-14, abs=1e-15)
    assert whitener.transform(torch.from_numpy(samples).bfloat16()).dtype == np.float32


def test_output_that_overlaps_the_samples() -> None:
    samples = correlated(101, 4)
    whitener = Whitener().fit(samples)
    reference = whitener.transform(samples)

    def memory() -> Any:
        return np.concatenate([samples, np.zeros((1, 4))])

    later = memory()
    whitener.transform(later[:101], out=later[1:])
    assert np.array_equal(later[1:], reference)
    backwards = memory()[:101]
    whitener.transform(backwards, out=backwards[::-1])
    assert np.array_equal(backwards[::-1], reference)
    narrower = memory()[:101]
    halves = narrower.view(np.float32)[:, :4]
    whitener.transform(narrower, out=halves)
    assert np.array_equal(halves, reference.astype(np.float32))
    refused = memory()
    with pytest.raises(ValueError, match="output: found"):
        whitener.transform(refused[:101], out=refused)
    assert np.array_equal(refused, memory())


def test_rows_with_nan_come_out_as_nan() -> None:
    samples = correlated(50, 3)
    whitener = Whitener().fit(samples)
    damaged = samples.copy()
    damaged[7, 1], damaged[9, 0] = np.nan, np.inf
    white = whitener.transform(damaged)
    assert np.flatnonzero(np.isnan(white).all(1)).tolist() == [7, 9]
    rest = np.delete(np.arange(50), [7, 9])
    assert white[rest] == pytest.approx(whitener.transform(samples)[rest], rel=1e-12)


@pytest.mark.parametrize(
    ("output", "error", "message"),
    [
        (np.empty((50, 4)), ValueError, "output"),
        (np.empty((50, 3), dtype=np.int64), TypeError, "output"),
        ([[0.0] * 3] * 50, ValueError, "output: found list, allowed a writable NumPy array"),
        (np.broadcast_to(np.zeros(3), (50, 3)), ValueError, "output: found a read-only array"),
    ],
)
def test_outputs_that_are_refused(output: Any, error: type[Exception], message: str) -> None:
    samples = correlated(50, 3)
    with pytest.raises(error, match=message):
        Whitener().fit(samples).transform(samples, out=output)


def test_use_before_fit_and_wrong_parameters() -> None:
    uses: list[Callable[[Whitener], Any]] = [lambda w: w.transform(np.eye(2)), lambda w: w.mean_, lambda w: w.save()]
    for use in uses:
        with pytest.raises(ValueError, match="not fitted"):
            use(Whitener())
    assert not hasattr(Whitener(), "mean_")
    with pytest.raises(ValueError, match="method: found 'lda', allowed one of 'zca'"):
        Whitener("lda").fit(correlated(10, 2))
    with pytest.raises(ValueError, match="regularisation"):
        Whitener(regularisation=-1).fit(correlated(10, 2))
    with pytest.raises(ValueError, match="unknown parameter 'whiten', allowed: method, regularisation"):
        Whitener().set_params(whiten=True)
    with pytest.raises(ValueError, match="X: found 2 features, allowed 3"):
        Whitener().fit(correlated(10, 3)).transform(np.ones((5, 2)))


def test_as_a_scikit_learn_transformer() -> None:
    data, target = load_wine(return_X_y=True)
    pipeline = make_pipeline(Whitener(), LogisticRegression())
    assert pipeline.fit(data, target).score(data, target) > 0.98
    assert pipeline.get_params()["whitener__method"] == "zca"
    pipeline.set_params(whitener__method="pca").fit(data, target)
    assert pipeline[:-1].get_feature_names_out().tolist() == [f"whitener{index}" for index in range(13)]
    copy = clone(pipeline[0])
    assert copy.get_params() == {"method": "pca", "regularisation": 0.0}
    with pytest.raises(Exception, match="not fitted"):
        check_is_fitted(copy)
    check_is_fitted(pipeline[0])
    again = pickle.loads(pickle.dumps(pipeline))
    assert np.array_equal(again[:-1].transform(data), pipeline[:-1].transform(data))


def test_save_load_and_pickle() -> None:
    samples = correlated(80, 4)
    whitener = Whitener("pca", regularisation=0.01).fit(samples)
    loaded = Whitener.load(whitener.save(), method="pca", regularisation=0.01)
    assert np.array_equal(loaded.transform(samples), whitener.transform(samples))
    assert loaded.n_samples_seen_ == 0
    with pytest.raises(ValueError, match="holds no samples to add to"):
        loaded.partial_fit(samples)
    again = pickle.loads(pickle.dumps(whitener))
    assert np.array_equal(again.whitening_, whitener.whitening_)
    assert again.partial_fit(samples).n_samples_seen_ == 160
    assert repr(again) == "Whitener(method='pca', regularisation=0.01)"
    with pytest.raises(ValueError, match=r"\w"):
        Whitener.load(trimtab.Covariance().add(samples).save())
    with pytest.raises(ValueError, match=r"\w"):
        Whitener.load(whitener.save()[:-1])
    with whitener:
        pass
    with pytest.raises(ValueError, match="not fitted"):
        whitener.transform(samples)
