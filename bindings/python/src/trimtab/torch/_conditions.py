"""Facts about how a model is called and its optimizer is set, gathered in passing and now and then."""

from __future__ import annotations

import math
import weakref
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ..set_up import SetUp
from . import _steps
from ._hooks import Hook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.utils.hooks import RemovableHandle

_DROPOUTS = (nn.modules.dropout._DropoutNd,)
#: Steps that an optimizer has to have taken before its state is missed.
_SETTLED = 10


class Modes:
    """In which mode the model is called, and over how much a batch normalisation takes its statistics."""

    def __init__(self, model: nn.Module) -> None:
        self._norms = [
            one
            for one in model.modules()
            if isinstance(one, nn.modules.batchnorm._BatchNorm) and not isinstance(one, nn.SyncBatchNorm)
        ]
        rates = [float(one.p) for one in model.modules() if isinstance(one, _DROPOUTS)]
        self.dropouts = [rate for rate in rates if rate > 0]
        self.passes = [0, 0]
        self.evaluations = [0, 0]
        self._rows = 0
        self._greatest_rows = 0
        self._own_rows = 0
        self._mode: bool | None = None
        #: Of each normalisation the greatest: a last batch may be small, and a pass may only try the shapes.
        self._batches: dict[nn.Module, tuple[int, int]] = {}
        #: Passes without gradients between two steps: of those now, and the most where nothing was evaluated.
        self._passes = 0
        self._usual_passes = 0
        self._handles = [one.register_forward_pre_hook(Hook(self._normalised)) for one in self._norms]

    @property
    def has_any(self) -> bool:
        return bool(self._norms or self.dropouts)

    def forwarded(self, is_training: bool, has_gradients: bool, arguments: Any) -> None:
        """A forward pass of the model begins."""
        first = next((one for one in arguments if isinstance(one, torch.Tensor) and one.ndim), None)
        if has_gradients:
            self.passes[is_training] += 1
            if first is not None:
                self._own_rows = first.shape[0]
            return
        self._mode = is_training
        self._passes += 1
        if not is_training:
            self.evaluations[0] += 1
        if first is not None:
            self._rows += first.shape[0]

    def judged(self, is_evaluated: bool) -> bool:
        """Between two steps; whether there is something new to tell.

        is_evaluated  a loss on other data was given since the step before
        """
        is_new = False
        if self._rows:
            self._greatest_rows, self._rows = max(self._greatest_rows, self._rows), 0
            # Labels for the step, or what an agent does, are computed so too, while another model is evaluated.
            if is_evaluated and self._mode and self.has_any and self._passes > self._usual_passes:
                self.evaluations[1] += 1
                is_new = self.evaluations[1] == 1
        if not is_evaluated:
            self._usual_passes = max(self._usual_passes, self._passes)
        self._mode, self._passes = None, 0
        return is_new

    def _normalised(self, module: nn.Module, arguments: Any) -> None:
        if module.training and arguments and isinstance(arguments[0], torch.Tensor) and arguments[0].ndim > 1:
            given = arguments[0]
            found = (given.shape[0], given.numel() // max(given.shape[1], 1))
            if found[1] > self._batches.get(module, (0, 0))[1]:
                self._batches[module] = found

    def end_first(self) -> None:
        """The first steps are over."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def add(self, found: SetUp) -> None:
        """What is known."""
        found.normalisation_count, found.dropout_count = len(self._norms), len(self.dropouts)
        found.dropout = max(self.dropouts, default=math.nan)
        found.batch_rows, found.batch_values = min(self._batches.values(), key=lambda one: one[1], default=(0, 0))
        found.frozen_passes, found.training_passes = self.passes
        found.evaluations, found.evaluations_in_training = self.evaluations
        found.evaluation_rows, found.training_rows = self._greatest_rows, self._own_rows
        found.is_untracked = bool(self._norms) and not any(_has_statistics(one) for one in self._norms)


def _has_statistics(norm: nn.modules.batchnorm._BatchNorm) -> bool:
    """Gathered here, or elsewhere: weights that were converted bring statistics without a count of batches. One that
    keeps none needs none.
    """
    mean, variance = norm.running_mean, norm.running_var
    if mean is None or variance is None:
        return True
    return bool(norm.num_batches_tracked) or bool(mean.any()) or bool((variance != 1).any())


class Settings:
    """What the optimizers are set to, whether they keep what they know, and what happens to gradients on their way."""

    def __init__(self, parameters: Sequence[nn.Parameter], optimizers: Sequence[torch.optim.Optimizer]) -> None:
        self._parameters = [one for one in parameters if one.requires_grad]
        self._own = {id(one) for one in self._parameters}
        self._optimizers = list(optimizers)
        self._known = {id(one): one for one in optimizers}
        self._steps = 0
        #: The parameter whose state is asked for, and that state as it was last.
        self._sample: nn.Parameter | None = None
        self._state: Any = None
        self._is_lost = False
        #: Norms as gradients came, by parameter; None where nobody looks.
        self._before: dict[int, torch.Tensor] | None = None
        self._handles: list[RemovableHandle] = []
        self._norms: tuple[Any, Any] | None = None
        _steps.follow(self)

    # The optimizer's step

    def stepping(self, optimizer: torch.optim.Optimizer) -> None:
        """Any optimizer of the process is about to step."""
        try:
            if id(optimizer) not in self._known:
                self._meet(optimizer)
            if id(optimizer) in self._known:
                self._steps += 1
                if self._before:
                    self._close_norms()
        except Exception:
            pass

    def _meet(self, optimizer: torch.optim.Optimizer) -> None:
        """Another optimizer steps: it may take the place of one that was known, without what that one had learned."""
        held = [one for group in optimizer.param_groups for one in group["params"] if id(one) in self._own]
        if not held:
            return
        if self._steps < _SETTLED:
            self._known[id(optimizer)] = optimizer
            return
        old = self._optimizers[0] if self._optimizers else None
        if old is None or type(old) is not type(optimizer) or len(held) < 0.9 * len(self._own):
            return
        rate, former = optimizer.param_groups[0].get("lr"), old.param_groups[0].get("lr")
        is_alike = bool(rate and former and 0.5 <= float(rate) / float(former) <= 2)
        if is_alike and old.state and not any(_has_stepped(optimizer.state.get(one)) for one in held[:4]):
            self._is_lost = True
        self._known[id(optimizer)] = optimizer
        self._optimizers[0] = optimizer
        self._sample = self._state = None

    def is_lost(self) -> bool:
        """Once: whether the optimizer has lost its state. To be asked in every step."""
        lost, self._is_lost = self._is_lost, False
        if not self._optimizers or self._steps < _SETTLED:
            return lost
        state = self._optimizers[0].state
        sample = self._sample
        if sample is None:
            sample = self._sample = next((one for one in self._parameters if state.get(one)), None)
            self._state = None if sample is None else state.get(sample)
            return lost
        own = state.get(sample)
        if own is self._state:
            return lost
        had, self._state = self._state, own
        if not own:
            return lost or had is not None
        # Another one: loaded, or begun anew.
        counter = own.get("step")
        if (
            had is not None
            and counter is not None
            and not (isinstance(counter, torch.Tensor) and counter.device.type != "cpu")
        ):
            lost = lost or float(counter) <= 1
        return lost

    # Norms on the way

    def look_at_norms(self) -> None:
        """In the next step: how large gradients are as they come, and as the optimizer takes them."""
        if self._handles:
            return
        self._before = {}
        # What a parameter holds no collector sees: a hook that held this object would keep both for good.
        known = weakref.WeakMethod(self._arrived)

        def arrived(parameter: torch.Tensor) -> None:
            told = known()
            if told is not None:
                told(parameter)

        self._handles = [one.register_post_accumulate_grad_hook(arrived) for one in self._parameters]

    def _arrived(self, parameter: torch.Tensor) -> None:
        gradient = parameter.grad
        if self._before is not None and gradient is not None and not gradient.is_sparse:
            self._before[id(parameter)] = torch.linalg.vector_norm(gradient.detach())

    def _close_norms(self) -> None:
        before, self._before = self._before, None
        self._take_off()
        if not before:
            return
        with torch.no_grad():
            after = [one.grad for one in self._parameters if id(one) in before and one.grad is not None]
            if len(after) == len(before):
                norms = torch._foreach_norm([one.detach() for one in after])
                self._norms = _root(list(before.values())), _root(norms)

    def _take_off(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def add(self, found: SetUp) -> None:
        """What is known; reads values."""
        if self._norms is not None:
            found.norm_before, found.norm_after = (float(one) for one in self._norms)
            self._norms = None
        if not self._optimizers:
            return
        groups = [group for one in self._optimizers for group in one.param_groups if group["params"]]
        group = max(groups, key=lambda one: float(one.get("weight_decay") or 0), default=None)
        if group is None:
            return
        found.learning_rate, found.weight_decay = (
            float(group.get("lr", math.nan)),
            float(group.get("weight_decay") or 0),
        )
        found.is_decoupled = bool(group.get("decoupled_weight_decay")) or any(
            type(one).__name__.startswith("AdamW") for one in self._optimizers
        )
        self._add_epsilon(found, group)
        with torch.no_grad():
            weights = [one.detach() for one in self._parameters if one.ndim > 1]
            gradients = [one.grad for one in self._parameters if one.grad is not None and not one.grad.is_sparse]
            if weights:
                found.weight_norm = float(_root(torch._foreach_norm(weights)))
            if gradients:
                found.gradient_norm = float(_root(torch._foreach_norm(gradients)))
                count = sum(one.numel() for one in gradients)
                found.gradient_scale = found.gradient_norm / math.sqrt(max(count, 1))
                if found.held_epsilon == 0:
                    zeros = count - sum(int(torch.count_nonzero(one)) for one in gradients)
                    found.zero_gradient_share = zeros / max(count, 1)

    def _add_epsilon(self, found: SetUp, group: Any) -> None:
        # Of those that divide by the root of a mean of squares; others mean something else by it.
        if "eps" not in group or not ("betas" in group or "alpha" in group):
            return
        found.epsilon = float(group["eps"])
        kinds = {one.dtype for one in group["params"] if one.is_floating_point()}
        found.held_epsilon = (
            min(float(torch.tensor(found.epsilon, dtype=kind)) for kind in kinds) if kinds else math.nan
        )

    def end(self) -> None:
        """Takes every hook off."""
        self._take_off()
        _steps.leave(self)


def _has_stepped(state: Any) -> bool:
    """Some optimizers lay out what they will learn before their first step."""
    if not state:
        return False
    counter = state.get("step", 1)
    return bool(isinstance(counter, torch.Tensor) and counter.device.type != "cpu") or float(counter) > 0


def _root(norms: Sequence[torch.Tensor]) -> torch.Tensor:
    device = norms[0].device
    return torch.linalg.vector_norm(torch.stack([one.to(device, torch.float64) for one in norms]))
