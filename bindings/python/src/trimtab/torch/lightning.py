"""A callback for Lightning's Trainer, of the package lightning or pytorch_lightning.

from trimtab.torch.lightning import WatchCallback
callback = WatchCallback(log="run.jsonl")
trainer = Trainer(..., callbacks=[callback])
trainer.fit(model)
print(callback.watch.report())
"""

from __future__ import annotations

from typing import Any

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:
    try:
        from pytorch_lightning.callbacks import Callback
    except ImportError as error:
        raise ImportError(
            "trimtab.torch.lightning: found neither lightning nor pytorch_lightning, needs one of them"
        ) from error

from ._scaler import scale_of
from ._trainers import TrainerWatch

__all__ = ["WatchCallback"]


class WatchCallback(Callback):  # type: ignore[misc]
    """Watches the module that is fitted, and ends a run that does not recover. Options as of `trimtab.torch.watch`; the
    guard is on by default. Of several optimizers the first is guarded.

    validation_loss  the logged metric that is the loss on other data
    """

    def __init__(self, *, validation_loss: str = "val_loss", **options: Any) -> None:
        self._run = TrainerWatch(**options)
        self._validation_loss = validation_loss
        self._optimizer: Any = None

    @property
    def watch(self) -> Any:
        """The watch; None before the run has begun."""
        return self._run.watch

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        self._optimizer = trainer.optimizers[0] if trainer.optimizers else None
        if self._optimizer is not None:
            self._run.begin(pl_module, self._optimizer, _scaler(trainer))

    def on_train_batch_start(self, trainer: Any, pl_module: Any, batch: Any, batch_idx: int) -> None:
        if self._run.watch is not None:
            # `training_step` need not call the module itself.
            self._run.watch._begin_forward(pl_module, ())

    def on_before_backward(self, trainer: Any, pl_module: Any, loss: Any) -> None:
        scale = scale_of(_scaler(trainer))
        self._run.add_loss(loss.detach() if scale is None else loss.detach() / scale)

    def on_before_optimizer_step(self, trainer: Any, pl_module: Any, optimizer: Any) -> None:
        if optimizer is self._optimizer:
            self._run.step()

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if self._run.is_over:
            trainer.should_stop = True

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:
        if not trainer.sanity_checking:
            self._run.validation(trainer.callback_metrics.get(self._validation_loss))

    def on_train_end(self, trainer: Any, pl_module: Any) -> None:
        self._run.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
        self._run.end()


def _scaler(trainer: Any) -> Any:
    return getattr(getattr(trainer, "precision_plugin", None), "scaler", None)
