"""Losses made of operations: a tape that records them, and derivatives of whatever it recorded."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _options
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal, type_refusal
from ._library import library
from ._signatures import Tape as _OpaqueTape
from ._tensors import TensorLike, View, views

#: Of trainer.h.
OPERATIONS = {
    "add": 0,
    "subtract": 1,
    "multiply": 2,
    "divide": 3,
    "product": 4,
    "sum": 5,
    "mean": 6,
    "sum_last": 7,
    "softmax": 8,
    "log_softmax": 9,
    "constant": 10,
    "gradient": 11,
    "linear": 20,
    "power": 21,
    "exponential": 22,
    "logarithm": 23,
    "magnitude": 24,
    "leaky": 25,
    "elu": 26,
    "silu": 27,
    "gelu": 28,
    "softplus": 29,
    "tanh": 30,
    "sigmoid": 31,
    "huber": 32,
}
_Tape = ctypes.POINTER(_OpaqueTape)


class Tape:
    """Records operations on values while a loss function runs; afterwards its values are of no use."""

    def __init__(self, address: int) -> None:
        self._pointer: Any = ctypes.cast(address, _Tape)

    def _open(self) -> Any:
        if self._pointer is None:
            raise refusal(INVALID_ARGUMENT, "tape: found one whose loss function has ended, allowed one that runs")
        return self._pointer

    def record(self, operation: str, *operands: TapeValue, a: float = 0.0, b: float = 0.0) -> TapeValue:
        """Records an operation of trainer.h by its name in small letters, such as "log_softmax".

        Errors: ValueError (unknown name, another tape's value, shapes that do not fit), TypeError.
        """
        code = OPERATIONS.get(operation)
        if code is None:
            raise refusal(
                INVALID_ARGUMENT, f"operation: found {operation!r}, allowed one of {', '.join(map(repr, OPERATIONS))}"
            )
        for place, operand in enumerate(operands):
            if not isinstance(operand, TapeValue):
                raise type_refusal(f"operands[{place}]: found {type(operand).__name__}, allowed a value of this tape")
            if operand.tape is not self:
                raise refusal(INVALID_ARGUMENT, f"operands[{place}]: found a value of another tape, allowed of this")
        indices = (ctypes.c_int64 * max(len(operands), 1))(*(operand.index for operand in operands))
        result = ctypes.c_int64()
        check(
            library.trimtab_tape_record(
                self._open(),
                code,
                indices,
                len(operands),
                _options.number("a", a),
                _options.number("b", b),
                ctypes.byref(result),
            )
        )
        return TapeValue(self, result.value)

    def constant(self, number: float) -> TapeValue:
        """A scalar."""
        return self.record("constant", a=_options.number("number", number))

    def gradient(self, scalar: TapeValue, value: TapeValue) -> TapeValue:
        """The derivative of a scalar with respect to a value, itself differentiable: for gradient penalties."""
        return self.record("gradient", scalar, value)


class TapeValue:
    """What an operation gave. `+ - * / @ **`, `abs` and methods record further ones; shapes broadcast as NumPy's."""

    __slots__ = ("index", "tape")
    __array_ufunc__ = None  # NumPy's numbers leave the operation to this class.

    def __init__(self, tape: Tape, index: int) -> None:
        self.tape = tape
        self.index = index

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents."""
        extents, rank = (ctypes.c_int64 * structures.MAXIMUM_RANK)(), ctypes.c_int64()
        check(library.trimtab_tape_shape(self.tape._open(), self.index, extents, ctypes.byref(rank)))
        return tuple(extents[: rank.value])

    def __repr__(self) -> str:
        return f"TapeValue({self.index})"

    def _one(self, operation: str, a: float = 0.0, b: float = 0.0) -> TapeValue:
        return self.tape.record(operation, self, a=a, b=b)

    def _two(self, operation: str, other: Any, *, swapped: bool = False) -> TapeValue:
        if not isinstance(other, TapeValue):
            if isinstance(other, np.ndarray) and other.ndim > 0:
                raise type_refusal("operand: found an array, allowed a value of the tape or a number")
            other = self.tape.constant(_options.number("operand", other))
        return self.tape.record(operation, other, self) if swapped else self.tape.record(operation, self, other)

    def _linear(self, a: float, b: Any) -> TapeValue:
        return self._one("linear", a, _options.number("operand", b))

    def __add__(self, other: TapeValue | float) -> TapeValue:
        return self._two("add", other)

    def __radd__(self, other: float) -> TapeValue:
        return self._two("add", other, swapped=True)

    def __sub__(self, other: TapeValue | float) -> TapeValue:
        return self._two("subtract", other)

    def __rsub__(self, other: float) -> TapeValue:
        return self._two("subtract", other, swapped=True)

    def __mul__(self, other: TapeValue | float) -> TapeValue:
        return self._two("multiply", other)

    def __rmul__(self, other: float) -> TapeValue:
        return self._two("multiply", other, swapped=True)

    def __truediv__(self, other: TapeValue | float) -> TapeValue:
        return self._two("divide", other)

    def __rtruediv__(self, other: float) -> TapeValue:
        return self._two("divide", other, swapped=True)

    def __matmul__(self, other: TapeValue) -> TapeValue:
        return self._two("product", other)

    def __pow__(self, exponent: float) -> TapeValue:
        return self._one("power", _options.number("exponent", exponent))

    def __neg__(self) -> TapeValue:
        return self._linear(-1.0, 0.0)

    def __abs__(self) -> TapeValue:
        return self._one("magnitude")

    def sum(self) -> TapeValue:
        """Of all numbers."""
        return self._one("sum")

    def mean(self) -> TapeValue:
        """Of all numbers."""
        return self._one("mean")

    def sum_last(self) -> TapeValue:
        """Over the last axis, which stays with extent 1."""
        return self._one("sum_last")

    def softmax(self) -> TapeValue:
        """Over the last axis."""
        return self._one("softmax")

    def log_softmax(self) -> TapeValue:
        """Over the last axis."""
        return self._one("log_softmax")

    def exp(self) -> TapeValue:
        """e^x."""
        return self._one("exponential")

    def log(self) -> TapeValue:
        """The natural logarithm."""
        return self._one("logarithm")

    def sqrt(self) -> TapeValue:
        """x^0.5."""
        return self._one("power", 0.5)

    def relu(self) -> TapeValue:
        """max(x, 0)."""
        return self._one("leaky", 0.0)

    def leaky_relu(self, slope: float = 0.01) -> TapeValue:
        """x, below zero times `slope`."""
        return self._one("leaky", _options.number("slope", slope))

    def elu(self, alpha: float = 1.0, scale: float = 1.0) -> TapeValue:
        """scale x above zero, scale alpha (e^x - 1) elsewhere."""
        return self._one("elu", _options.number("alpha", alpha), _options.number("scale", scale))

    def silu(self) -> TapeValue:
        """x sigmoid(x)."""
        return self._one("silu")

    def gelu(self) -> TapeValue:
        """x times the normal distribution at x."""
        return self._one("gelu")

    def softplus(self) -> TapeValue:
        """ln(1 + e^x)."""
        return self._one("softplus")

    def tanh(self) -> TapeValue:
        """The hyperbolic tangent."""
        return self._one("tanh")

    def sigmoid(self) -> TapeValue:
        """1 / (1 + e^-x)."""
        return self._one("sigmoid")

    def huber(self, bend: float = 1.0) -> TapeValue:
        """x^2 / 2 within `bend`, bend (|x| - bend / 2) beyond."""
        return self._one("huber", _options.number("bend", bend))


#: A loss: is given the tape and its operands, and returns a scalar of the tape.
Objective = Callable[..., TapeValue]


class Callback:
    """A loss function as C calls it; what it raises is kept and raised again by `check`."""

    def __init__(self, function: Objective, name: str) -> None:
        if not callable(function):
            raise type_refusal(
                f"{name}: found {type(function).__name__}, allowed a function of a tape and its operands"
            )
        self._function = function
        self._name = name
        self._error: BaseException | None = None
        self.is_running = False
        self.pointer = structures.OBJECTIVE(self._call)

    def _call(self, _user: Any, address: int, operands: Any, count: int, loss: Any) -> int:
        tape = Tape(address)
        self.is_running = True
        try:
            result = self._function(tape, *(TapeValue(tape, operands[place]) for place in range(count)))
            if not isinstance(result, TapeValue) or result.tape is not tape:
                raise type_refusal(f"{self._name}: found {type(result).__name__} returned, allowed a value of its tape")
            loss[0] = result.index
        except BaseException as error:
            self._error = error
            return 1
        finally:
            self.is_running = False
            tape._pointer = None
        return 0

    def check(self, status: int) -> None:
        """Raises what the function raised, else what the status says."""
        error, self._error = self._error, None
        if status != 0 and error is not None:
            raise error
        check(status)


class Derivatives(NamedTuple):
    """Of a loss: its value, the gradient for each operand, and the Hessian's product with the vectors (or None)."""

    loss: float
    gradients: tuple[npt.NDArray[np.float64], ...]
    products: tuple[npt.NDArray[np.float64], ...] | None


def objective_derivatives(
    function: Objective, operands: Sequence[TensorLike], vectors: Sequence[TensorLike] | None = None
) -> Derivatives:
    """Loss, gradient and exact Hessian-vector product of any loss that `function(tape, *operands)` records.

    operands  arrays; float64 is computed in
    vectors   as many arrays of the same shapes; None: no products

    An operand that the loss does not depend on has a gradient of 0.
    Errors: ValueError, TypeError, and whatever the function raises. Since 0.3.

    >>> import numpy as np
    >>> found = objective_derivatives(lambda tape, x: (x * x * x).sum(), [[1.0, 2.0]], [[1.0, 0.0]])
    >>> found.loss, found.gradients[0].tolist(), found.products[0].tolist()
    (9.0, [3.0, 12.0], [6.0, 0.0])
    """
    callback = Callback(function, "function")
    given, owners = views(operands, [f"operands[{place}]" for place in range(len(operands))])
    shapes = [owner.shape for owner in owners]
    gradients = tuple(np.empty(shape) for shape in shapes)
    slopes, slope_owners = views(gradients, ["gradients"] * len(gradients))
    products, directions, bends = None, None, None
    direction_owners: list[View] = []
    bend_owners: list[View] = []
    if vectors is not None:
        if len(vectors) != len(operands):
            raise refusal(INVALID_ARGUMENT, f"vectors: found {len(vectors)}, allowed {len(operands)}")
        directions, direction_owners = views(vectors, [f"vectors[{place}]" for place in range(len(vectors))])
        products = tuple(np.empty(shape) for shape in shapes)
        bends, bend_owners = views(products, ["products"] * len(products))
    loss = ctypes.c_double()
    callback.check(
        library.trimtab_objective_derivatives(
            callback.pointer, None, given, len(operands), directions, ctypes.byref(loss), slopes, bends
        )
    )
    del owners, slope_owners, direction_owners, bend_owners
    return Derivatives(loss.value, gradients, products)
