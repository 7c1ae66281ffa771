"""What one training program does, as a list of choices: a fault is one choice that is wrong, its repaired twin the same
list with that choice as it should be."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """The choices of a program. A family reads those that mean something to it, and refuses none."""

    family: str
    seed: int = 0
    steps: int = 300

    # Data
    data: str = "digits"
    batch_size: int = 32
    #: Inputs to zero mean and unit variance (images and words: to their usual range).
    normalises: bool = True
    #: What the first feature is multiplied by, after normalising.
    feature_factor: float = 1.0
    #: Targets of a regression: scale * y + offset of standardised ones.
    target_scale: float = 1.0
    target_offset: float = 0.0
    #: "right"; "shuffled" (training labels belong to other samples), "off_by_one" (they are one class too high)
    labels: str = "right"
    #: The step that gets a batch of inputs multiplied by `bad_batch_factor`.
    bad_batch_at: int | None = None
    bad_batch_factor: float = 1e3
    #: Every step gets the first batch of all.
    repeats_batch: bool = False

    # Net
    width: int = 64
    depth: int = 2
    activation: str = "relu"
    #: "none", "batch", "layer"
    norm: str = "none"
    #: "default", "he", "xavier", "zero", "constant", "small" (deviation 1e-3 or so), "large"
    init: str = "default"
    #: Of the hidden layers' biases, added after initialisation.
    hidden_bias: float = 0.0
    dropout: float = 0.0
    #: What stands behind the last layer: "linear" (nothing), "relu", "softmax", "sigmoid"
    output: str = "linear"
    #: Outputs of a classifier with two classes: 2 with cross entropy, or 1 with binary cross entropy.
    outputs: int | None = None

    # Loss
    #: The family's own, or "mse", "cross_entropy", "bce", "l1", "huber"
    loss: str = "own"
    reduction: str = "mean"
    #: Targets [B] against outputs [B, 1].
    broadcasts: bool = False
    loss_sign: int = 1

    # Optimisation
    optimizer: str = "adam"
    lr: float = 1e-3
    momentum: float = 0.9
    weight_decay: float = 0.0
    epsilon: float = 1e-8
    #: "constant", "cosine", "step", "one_cycle", "warm_up"
    schedule: str = "constant"
    #: Greatest global gradient norm; None: no clipping.
    clip: float | None = None
    #: "float32", "float64", "bfloat16" (autocast), "float16" (weights and all, no loss scaling), "float16_scaled"
    #: and "float16_unscaled" (autocast, with and without loss scaling)
    precision: str = "float32"
    accumulation: int = 1

    # The loop
    clears_gradients: bool = True
    takes_steps: bool = True
    #: Names of modules (prefixes) whose parameters require no gradient though they are meant to train.
    frozen: tuple[str, ...] = ()
    #: A branch of the net is cut off by detach.
    detaches: bool = False
    #: "right"; "eval_always" (training in eval mode), "train_always" (evaluation in train mode)
    mode: str = "right"
    #: The step at which the optimizer begins anew, as after a restart that restored weights only.
    loses_state_at: int | None = None

    #: Choices that only one family has, by name.
    extra: tuple[tuple[str, Any], ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        """One of the family's own choices."""
        return dict(self.extra).get(name, default)

    def changed(self, **choices: Any) -> Recipe:
        """The same program but for these choices; names that are no field are the family's own."""
        fields = {field.name for field in dataclasses.fields(self)}
        own = {name: value for name, value in choices.items() if name not in fields}
        known = {name: value for name, value in choices.items() if name in fields}
        extra = tuple(sorted({**dict(self.extra), **own}.items()))
        return dataclasses.replace(self, **known, extra=extra)

    @property
    def key(self) -> str:
        """Of the cache: the same choices, the same key."""
        text = json.dumps(dataclasses.asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:20]
