"""The layers of a `trimtab.Trainer`, each a small record.

Arrays begin with the batch and end with the features: (batch, ..., features); images are (batch, height, width,
channels), sequences (batch, time, features), words (batch, time), graphs (nodes, features).

>>> from trimtab import layers
>>> net = [layers.Dense(64, activation="relu"), layers.Dense(10)]
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, fields
from typing import Any, ClassVar

from . import _options
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, refusal, type_refusal

ACTIVATIONS = (*_options.ACTIVATIONS, "selu", "softplus")
NORMALISATIONS = ("batch", "layer", "instance", "group", "node", "pair", "feature", "pair_si", "graph")
INITIALISERS = (
    "default",
    "he_normal",
    "he_uniform",
    "xavier_normal",
    "xavier_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "constant",
    "normal",
)
_WORDS = {"activation": ACTIVATIONS, "normalisation": NORMALISATIONS, "initialiser": INITIALISERS}
_FLAGS = {
    "spectral": 2,
    "causal": 4,
    "normalised_queries": 8,
    "sequence": 16,
    "residual": 32,
    "scheduled_leak": 64,
}
_NO_BIAS = 1
#: Fields that C names otherwise.
_C_NAMES = {"heads": "groups", "factor": "kernel"}


@dataclass(frozen=True)
class Layer:
    """What all layers share.

    activation      after the layer: "relu", "leaky_relu", "elu", "silu", "gelu", "tanh", "sigmoid", "identity", "selu",
                    "softplus"; None: none
    slope           of a leaky ReLU (None: 0.01), alpha of ELU (None: 1)
    scheduled_leak  the slope of a leaky ReLU follows the trainer's leak_start, leak_end and leak_time
    residual        adds what went in to what comes out
    """

    _kind: ClassVar[int]
    _: KW_ONLY
    activation: str | None = None
    slope: float | None = None
    scheduled_leak: bool = False
    residual: bool = False

    def _structure(self, name: str) -> structures.Layer:
        """As C has it. Errors: TypeError and ValueError, naming the field of `name`."""
        result = structures.Layer()
        result.kind = self._kind
        flags = 0
        for field in fields(self):
            value = getattr(self, field.name)
            c_name = _C_NAMES.get(field.name, field.name)
            place = f"{name}.{field.name}"
            if field.name == "bias":
                flags |= 0 if value else _NO_BIAS
            elif field.name in _FLAGS:
                flags |= _FLAGS[field.name] if value else 0
            elif value is None:
                continue
            elif field.name in _WORDS:
                setattr(result, c_name, _options.named(place, value, _WORDS[field.name]))
            elif isinstance(getattr(result, c_name), float):
                number = _options.number(place, value)
                # C takes -1 for the default, which is None here.
                if number < 0 and c_name in ("slope", "rate"):
                    raise refusal(INVALID_ARGUMENT, f"{place}: found {value}, allowed 0 or more, or None")
                setattr(result, c_name, number)
            else:
                setattr(result, c_name, _options.integer(place, value))
        result.flags = flags
        return result


@dataclass(frozen=True)
class _Weighted(Layer):
    """What layers with a weight share beside.

    bias         whether a row is added
    spectral     the weight over its largest singular value, by one step of a power iteration a training step
    initialiser  "default" (He for ReLU and its kin, LeCun for SELU, else Xavier), "he_normal", "he_uniform",
                 "xavier_normal", "xavier_uniform", "lecun_normal", "lecun_uniform", "orthogonal", "constant", "normal"
    gain         a factor of it; of "constant" the number, of "normal" the standard deviation
    """

    _: KW_ONLY
    bias: bool = True
    spectral: bool = False
    initialiser: str = "default"
    gain: float = 1.0


@dataclass(frozen=True)
class Dense(_Weighted):
    """x W + b over the last axis."""

    _kind = 0
    units: int


@dataclass(frozen=True)
class Convolution(_Weighted):
    """A 2-D convolution with a square kernel."""

    _kind = 1
    units: int
    kernel: int
    stride: int = 1
    padding: int = 0


@dataclass(frozen=True)
class GraphConvolution(_Weighted):
    """S x W + b with the matrix S of `Trainer.set_graph`."""

    _kind = 2
    units: int


@dataclass(frozen=True)
class Embedding(_Weighted):
    """Words to the rows of a table; as the first layer alone."""

    _kind = 3
    words: int
    units: int


@dataclass(frozen=True)
class GRU(_Weighted):
    """A gated recurrent unit as PyTorch has it; its last state, or with `sequence` every one."""

    _kind = 4
    units: int
    sequence: bool = False


@dataclass(frozen=True)
class Attention(_Weighted):
    """Scaled dot-product self-attention, then a dense layer to the features that came in.

    heads               that share the units
    units               0: as many as features
    causal              each time sees itself and the past
    normalised_queries  queries and keys are normalised over the features of a head
    """

    _kind = 5
    heads: int = 1
    units: int = 0
    causal: bool = False
    normalised_queries: bool = False
    epsilon: float = 1e-5


@dataclass(frozen=True)
class Activation(Layer):
    """An activation alone."""

    _kind = 6
    activation: str | None = "relu"


@dataclass(frozen=True)
class Normalisation(Layer):
    """A normalisation with a factor and a shift for each feature ("node", "pair", "feature" and "pair_si" have none).

    normalisation  "batch", "layer", "instance", "group", "node" (NodeNorm), "pair" (PairNorm), "feature" (each row over
                   its length), "pair_si" (columns centred, then the same) or "graph" (GraphNorm, its alpha learnt)
    groups         of "group"
    rate           of "batch" the share of a new batch in the running numbers (None: 0.1), of "node" the root (None: 1)
    """

    _kind = 7
    normalisation: str = "batch"
    groups: int = 1
    epsilon: float = 1e-5
    rate: float | None = None


@dataclass(frozen=True)
class Dropout(Layer):
    """Leaves out a share `rate` of the numbers in training, and multiplies the others so that the mean stays."""

    _kind = 8
    rate: float = 0.5


@dataclass(frozen=True)
class _Pooling(Layer):
    kernel: int
    stride: int | None = None
    padding: int = 0

    def _structure(self, name: str) -> structures.Layer:
        result = super()._structure(name)
        if self.stride is None:
            result.stride = result.kernel
        return result


@dataclass(frozen=True)
class MaximumPooling(_Pooling):
    """The greatest number of each window; stride None: as the kernel."""

    _kind = 9


@dataclass(frozen=True)
class MeanPooling(_Pooling):
    """The mean of each window, zeros of the padding counted; stride None: as the kernel."""

    _kind = 10


@dataclass(frozen=True)
class Upsampling(Layer):
    """Each position `factor` times in both directions."""

    _kind = 11
    factor: int


@dataclass(frozen=True)
class Flatten(Layer):
    """To (batch, everything else)."""

    _kind = 12


@dataclass(frozen=True)
class TimeMean(Layer):
    """From (batch, time, features) to (batch, features)."""

    _kind = 13


def build(layers: Any) -> Any:
    """Layers as a C array. Errors: TypeError and ValueError, naming the layer and its field."""
    try:
        given = list(layers)
    except TypeError:
        raise type_refusal(f"layers: found {type(layers).__name__}, allowed a list of layers") from None
    array = (structures.Layer * max(len(given), 1))()
    for place, layer in enumerate(given):
        if not isinstance(layer, Layer) or not hasattr(layer, "_kind"):
            raise type_refusal(f"layers[{place}]: found {type(layer).__name__}, allowed a layer of trimtab.layers")
        array[place] = layer._structure(f"layers[{place}]")
    return array, len(given)
