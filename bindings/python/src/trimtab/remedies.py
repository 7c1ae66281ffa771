"""Cures that act on data: whitening."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
import numpy.typing as npt

from . import _handle, _options
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, TrimtabError, TrimtabValueError, check, refusal
from ._library import library
from ._tensors import TensorLike, output_view, view
from .conditioning import Covariance

if TYPE_CHECKING:
    from typing_extensions import Self

_KIND = "whitener"


class WhiteningOptions(TypedDict, total=False):
    """The parameters of `Whitener`.

    method          "zca" (the default), "pca" or "cholesky"
    regularisation  0: added to each eigenvalue, as a share of their mean
    """

    method: str
    regularisation: float


class Whitener:
    """Makes the covariance of data the identity: y = W (x - mean), with W S W^T = I on the support of S.

    method          "zca" (U L^-1/2 U^T: closest to the input), "pca" (L^-1/2 U^T, largest variance first) or
                    "cholesky" (C^-1 with S = C C^T)
    regularisation  0: added to each eigenvalue, as a share of their mean

    Works as a scikit-learn transformer, in a Pipeline too. S divides by n, as scikit-learn's covariances do. After
    fitting: `mean_` [d], `whitening_` [d, d], `n_features_in_`, `n_samples_seen_`.

    Edge cases: directions that do not count in the rank (constant and duplicated features) are mapped to 0 ("zca",
    "pca"), and scale alone takes no feature out; "cholesky" refuses a singular S unless regularisation > 0.
    Source: Kessy, Lewin & Strimmer 2018. Since 0.1.

    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(500, 3)) @ np.diag([1, 10, 100])
    >>> np.allclose(np.cov(Whitener().fit_transform(x).T, bias=True), np.eye(3))
    True
    """

    def __init__(self, method: str = "zca", regularisation: float = 0.0) -> None:
        self.method = method
        self.regularisation = regularisation
        self._lock = threading.RLock()
        self._covariance: Covariance | None = None
        self._map: _handle.Handle | None = None

    def fit(self, X: TensorLike, y: object = None) -> Self:  # noqa: N803
        """Fits to X [n, d] alone.

        Errors: ValueError (shape, device, fewer than 2 finite rows, singular for "cholesky"), TypeError (element type).
        """
        with self._lock:
            with _naming_x():
                covariance = Covariance(maximum_features=_MOST_FEATURES).add(X)
                self._map = self._fitted(covariance)
            self._covariance = covariance
        return self

    def partial_fit(self, X: TensorLike, y: object = None) -> Self:  # noqa: N803
        """Adds X [n, d] to what the map is fitted to; the map itself is made when it is next needed.

        Errors: as `fit`, and ValueError if d differs or the map was loaded from a state, which holds no samples to
        add to.
        """
        with self._lock:
            if self._covariance is None:
                if self._map is not None:
                    raise refusal(
                        INVALID_ARGUMENT,
                        "self: found a Whitener loaded from a saved map, which holds no samples to add to, allowed one "
                        "that was fitted here: call fit",
                    )
                self._covariance = Covariance(maximum_features=_MOST_FEATURES)
            with _naming_x():
                self._covariance.add(X)
            self._map = None
        return self

    def transform(self, X: TensorLike, out: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:  # noqa: N803
        """(X - mean_) W^T, with the mean and W of the data it was fitted to.

        X    [n, d]
        out  a writable float32 or float64 array [n, d] to write to (X itself, or memory that it shares, is allowed);
             None: a new one, float32 if that holds every value of X's element type, float64 otherwise

        Edge cases: a row with NaN or Inf comes out as all NaN. Errors: ValueError (shape, device, not fitted),
        TypeError (element type).
        """
        samples = view(X, "X")
        with self._lock:
            handle = self._ready()
            if out is None:
                # An array viewed as [n, d] by the library: rank 1 is one feature, higher ranks are flattened.
                shape = samples.shape if len(samples.shape) == 2 else (samples.shape or (1,))
                out = np.empty(shape, dtype=np.float32 if samples.is_single_precision else np.float64)
            output = output_view(out, "output")
            aside = np.empty(out.shape, dtype=out.dtype) if output.clobbers(samples) else None
            target = output if aside is None else output_view(aside, "output")
            with _naming_x():
                check(
                    library.trimtab_whitener_apply(
                        handle.pointer, ctypes.byref(samples.structure), ctypes.byref(target.structure)
                    )
                )
            if aside is not None:
                out[...] = aside
        return out

    def fit_transform(self, X: TensorLike, y: object = None) -> npt.NDArray[Any]:  # noqa: N803
        """`fit`, then `transform` of the same data."""
        return self.fit(X).transform(X)

    @property
    def mean_(self) -> npt.NDArray[np.float64]:
        """[d], the mean of what it was fitted to."""
        return self._parameters()[0]

    @property
    def whitening_(self) -> npt.NDArray[np.float64]:
        """[d, d], the matrix W."""
        return self._parameters()[1]

    @property
    def n_features_in_(self) -> int:
        """The number of features d."""
        with self._lock:
            features = ctypes.c_int64()
            check(library.trimtab_whitener_features(self._ready().pointer, ctypes.byref(features)))
        return features.value

    @property
    def n_samples_seen_(self) -> int:
        """The finite rows that it was fitted to; 0 if it was loaded from a saved map."""
        with self._lock:
            self._ready()
            return 0 if self._covariance is None else self._covariance.report().sample_count

    def save(self) -> bytes:
        """The fitted map as portable bytes, for `load` here or in another language.

        Errors: ValueError if it is not fitted.
        """
        with self._lock:
            return _handle.save(_KIND, self._ready())

    @classmethod
    def load(cls, state: bytes | bytearray | memoryview, **parameters: Any) -> Self:
        """A fitted whitener from what `save` gave; `parameters` are those of the constructor, for a later `fit`: by
        default those that the saved map was fitted with.

        Errors: ValueError for bytes that are truncated or corrupt, of another kind, or of a newer version.
        """
        handle = _handle.load(_KIND, state)
        options = structures.WhiteningOptions()
        check(library.trimtab_whitener_fitted_options(handle.pointer, ctypes.byref(options)))
        fitted = {"method": _options.WHITENINGS[options.method], "regularisation": options.regularisation}
        result = cls(**{**fitted, **parameters})
        result._map = handle
        return result

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters, as scikit-learn asks for them."""
        return {"method": self.method, "regularisation": self.regularisation}

    def set_params(self, **parameters: Any) -> Self:
        """Sets constructor parameters; they count from the next fit. Errors: ValueError for an unknown one."""
        known = self.get_params()
        for name, value in parameters.items():
            if name not in known:
                raise refusal(INVALID_ARGUMENT, f"unknown parameter {name!r}, allowed: {', '.join(known)}")
            setattr(self, name, value)
        return self

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """The outputs' names, "whitener0" and on: as scikit-learn names those of a transformer that mixes features."""
        return np.array([f"whitener{index}" for index in range(self.n_features_in_)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return self._map is not None or self._covariance is not None

    def __sklearn_tags__(self) -> Any:
        # Only scikit-learn calls this, so it is there to import.
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            input_tags=InputTags(allow_nan=True),
        )

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {
                "parameters": self.get_params(),
                "covariance": None if self._covariance is None else self._covariance.save(),
                "map": None if self._map is None else _handle.save(_KIND, self._map),
            }

    def __setstate__(self, state: dict[str, Any]) -> None:
        Whitener.__init__(self, **state["parameters"])
        if state["covariance"] is not None:
            self._covariance = Covariance.load(state["covariance"])
        if state["map"] is not None:
            self._map = _handle.load(_KIND, state["map"])

    def close(self) -> None:
        """Frees the memory now, as if it had never been fitted."""
        with self._lock:
            for held in (self._covariance, self._map):
                if held is not None:
                    held.close()
            self._covariance = self._map = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Whitener(method={self.method!r}, regularisation={self.regularisation!r})"

    def _fitted(self, covariance: Covariance) -> _handle.Handle:
        settings = _options.build(structures.WhiteningOptions, self.get_params())
        handle = _handle.Handle(_KIND)
        with covariance._lock:
            check(
                library.trimtab_whitener_fit(
                    covariance._pointer(), ctypes.byref(settings), ctypes.byref(handle.pointer)
                )
            )
        return handle

    def _ready(self) -> _handle.Handle:
        """The map, made now if samples were added since.

        Errors: ValueError if there are none; AttributeError's kin for scikit-learn.
        """
        if self._map is None:
            if self._covariance is None:
                raise NotFittedError(
                    "self: found a Whitener that is not fitted, allowed a fitted one: call fit or partial_fit first",
                    INVALID_ARGUMENT,
                )
            with _naming_x():
                self._map = self._fitted(self._covariance)
        return self._map

    def _parameters(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        with self._lock:
            features = self.n_features_in_
            mean, matrix = np.zeros(features), np.zeros((features, features))
            doubles = ctypes.POINTER(ctypes.c_double)
            check(
                library.trimtab_whitener_parameters(
                    self._ready().pointer, features, mean.ctypes.data_as(doubles), matrix.ctypes.data_as(doubles)
                )
            )
        return mean, matrix


@contextmanager
def _naming_x() -> Iterator[None]:
    """Errors name the argument as it is called here, X, and not as it is deeper down."""
    try:
        yield
    except TrimtabError as error:
        name, separator, rest = str(error).partition(": ")
        if separator and name in ("samples", "covariance"):
            raise refusal(error.status, f"X: {rest}") from None
        raise


class NotFittedError(TrimtabValueError, AttributeError):  # type: ignore[misc]  # Both have a `name`.
    """A whitener is asked for what only fitting gives.

    As in scikit-learn, `hasattr` is False for its attributes until then.
    """


#: The most that the library allows: a whitener takes features^2 memory whatever the diagnostic's own limit is.
_MOST_FEATURES = 2**20
