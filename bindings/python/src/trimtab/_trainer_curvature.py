"""Exact derivatives of a trainer's loss, of the first and the second order."""

from __future__ import annotations

import ctypes
from contextlib import nullcontext

import numpy as np

from . import _options, _words
from . import _structures as structures
from ._errors import SHAPE, refusal
from ._library import library
from ._tensors import TensorLike, view
from ._trainer_options import double_list, seed_number
from ._trainer_results import LossDerivatives, Sharpness, known
from ._trainer_views import TrainerViews


class TrainerCurvature(TrainerViews):
    """Gradients, products with the Hessian, and its largest eigenvalue, without moving anything."""

    def derivatives(self, inputs: TensorLike, targets: TensorLike, vector: TensorLike | None = None) -> LossDerivatives:
        """Loss, gradient and the exact product of the Hessian with a vector on a batch, in training mode, without
        moving anything.

        vector  one number for each weight, in the order of their memory: `split` shows it by name; None: no product

        At a kink of an activation the derivative from the left is taken. Errors: as `step`.
        """
        given, wanted = view(inputs, "inputs"), view(targets, "targets")
        doubles = ctypes.POINTER(ctypes.c_double)
        loss = ctypes.c_double()
        # A product has memory of its own.
        minding = self._batch(given, shows=False) if vector is None else nullcontext()
        with self._open() as pointer, minding:
            direction = None if vector is None else double_list(vector, "vector")
            count = self.parameter_count
            if direction is not None and len(direction) != count:
                raise refusal(SHAPE, f"vector: found {len(direction)} numbers, allowed {count}")
            gradient = np.empty(count)
            product = None if direction is None else np.empty(count)
            self._check(
                library.trimtab_trainer_derivatives(
                    pointer,
                    ctypes.byref(given.structure),
                    ctypes.byref(wanted.structure),
                    None if direction is None else direction.ctypes.data_as(doubles),
                    count,
                    ctypes.byref(loss),
                    gradient.ctypes.data_as(doubles),
                    None if product is None else product.ctypes.data_as(doubles),
                )
            )
        return LossDerivatives(loss.value, gradient, product)

    def sharpness(
        self,
        inputs: TensorLike,
        targets: TensorLike,
        *,
        preconditioned: bool = False,
        greatest_iterations: int = 40,
        trace_samples: int = 0,
        tolerance: float = 1e-3,
        seed: int = 0,
    ) -> Sharpness:
        """The largest eigenvalue of the loss's Hessian on a batch, by Lanczos, against what the optimizer can bear.

        preconditioned       of P^-1/2 H P^-1/2 with Adam's or RMSProp's P
        greatest_iterations  at most, two gradients each
        trace_samples        to estimate the trace from; 0: it is NaN
        tolerance            of the eigenvalue, relative

        Errors: as `step`.
        """
        given, wanted = view(inputs, "inputs"), view(targets, "targets")
        options = structures.SharpnessOptions()
        options.is_preconditioned = int(bool(preconditioned))
        options.greatest_iterations = _options.integer("greatest_iterations", greatest_iterations)
        options.trace_samples = _options.integer("trace_samples", trace_samples)
        options.tolerance = _options.number("tolerance", tolerance)
        options.seed = seed_number(seed)
        report = structures.SharpnessReport()
        with self._open() as pointer:
            self._check(
                library.trimtab_trainer_sharpness(
                    pointer,
                    ctypes.byref(given.structure),
                    ctypes.byref(wanted.structure),
                    ctypes.byref(options),
                    ctypes.byref(report),
                )
            )
        return Sharpness(
            _words.outcome(report.outcome),
            report.largest_eigenvalue,
            report.residual_bound,
            report.threshold,
            report.index,
            known(report.trace),
            known(report.trace_error),
            report.iterations,
            bool(report.is_converged),
        )
