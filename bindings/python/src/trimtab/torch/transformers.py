"""A callback for the Trainer of Hugging Face Transformers.

from trimtab.torch.transformers import WatchCallback
callback = WatchCallback(log="run.jsonl")
trainer = Trainer(..., callbacks=[callback])
trainer.train()
print(callback.watch.report())
"""

from __future__ import annotations

from typing import Any

import torch

try:
    from accelerate.state import GradientState
    from transformers import TrainerCallback
except ImportError as error:
    raise ImportError("trimtab.torch.transformers: found no transformers and accelerate, needs both") from error

from ._hooks import Hook
from ._scaler import scale_of
from ._trainers import TrainerWatch

__all__ = ["WatchCallback"]


class WatchCallback(TrainerCallback):  # type: ignore[misc]
    """Watches the Trainer's model, and ends a run that does not recover. Options as of `trimtab.torch.watch`; the guard
    is on by default.

    The gradients are judged at the end of the backward pass, before the Trainer clips them (one NaN makes all of them
    NaN there), and the loss is the one that backward starts from: the Trainer's own log leaves out one that is NaN.
    Where the model's output holds no loss (a loss function of one's own), gradients are judged alone; `add_loss` takes
    the loss then.
    """

    def __init__(self, **options: Any) -> None:
        self._run = TrainerWatch(**options)
        self._scaler: Any = None
        self._handle: Any = None
        self._is_queued = False
        self._is_judged = False

    @property
    def watch(self) -> Any:
        """The watch; None before the run has begun."""
        return self._run.watch

    def add_loss(self, loss: Any) -> None:
        """The share of one micro-batch in the loss of the step, before its end."""
        self._run.add_loss(loss)

    def on_train_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        model, optimizer = others.get("model"), others.get("optimizer")
        if model is None:
            return
        self._scaler = getattr(optimizer, "scaler", None)
        # Accelerate's optimizer holds the one whose hooks are asked.
        self._run.begin(model, getattr(optimizer, "optimizer", optimizer), self._scaler)
        self._handle = model.register_forward_hook(Hook(self._forwarded))
        self._is_queued = self._is_judged = False

    def _forwarded(self, module: Any, arguments: Any, output: Any) -> None:
        if not module.training or not torch.is_grad_enabled():
            return
        loss = _loss(output)
        start = loss if loss is not None else _tensor(output)
        if start is None or not start.requires_grad:
            return
        held = None if loss is None else loss.detach()

        def arrived(gradient: Any) -> None:
            # What arrives at the model's loss is its share in what backward started from, times the loss scale.
            if held is not None:
                scale = scale_of(self._scaler)
                self._run.add_loss(held * gradient if scale is None else held * gradient / scale)
            if not self._is_queued:
                self._is_queued = True
                torch.autograd.Variable._execution_engine.queue_callback(self._end_backward)

        start.register_hook(arrived)

    def _end_backward(self) -> None:
        self._is_queued = False
        if GradientState().sync_gradients:
            self._is_judged = True
            self._run.step()

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        # A compiled model shows no output, and what is there by now is clipped; better than nothing.
        if not self._is_judged:
            self._run.step()
        self._is_judged = False

    def on_step_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        if self._run.is_over:
            control.should_training_stop = True

    def on_evaluate(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        self._run.validation((others.get("metrics") or {}).get("eval_loss"))

    def on_train_end(self, args: Any, state: Any, control: Any, **others: Any) -> None:
        self._run.end()
        if self._handle is not None:
            self._handle.remove()
            self._handle = None


def _loss(output: Any) -> torch.Tensor | None:
    found = output.get("loss") if isinstance(output, dict) else getattr(output, "loss", None)
    if found is None and isinstance(output, tuple) and output:
        found = output[0]
    return found if isinstance(found, torch.Tensor) and found.numel() == 1 else None


def _tensor(output: Any) -> torch.Tensor | None:
    if isinstance(output, torch.Tensor):
        return output
    values = output.values() if isinstance(output, dict) else output if isinstance(output, (tuple, list)) else ()
    return next((one for one in values if isinstance(one, torch.Tensor) and one.requires_grad), None)
