"""Views of other libraries' memory: what is passed to C, judged by what C reads there."""

from __future__ import annotations

import array
import ctypes
import gc
import math
import mmap
import sys
import weakref
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from randomness import generator, seeded

import trimtab
from trimtab import _structures
from trimtab._tensors import view

ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")

BUILT_IN = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]
TAUGHT = ["bfloat16", "float8_e4m3fn", "float8_e5m2"]


def agrees(tensor: Any, expected: np.ndarray[Any, Any]) -> None:
    """Trimtab's summary of `tensor` is NumPy's of `expected`."""
    summary = trimtab.summarize(tensor)
    values = np.asarray(expected, dtype=np.float64)
    finite = values[np.isfinite(values)]
    assert summary.count == values.size
    assert summary.nan_count == np.isnan(values).sum()
    assert summary.positive_infinity_count == np.isposinf(values).sum()
    assert summary.negative_infinity_count == np.isneginf(values).sum()
    assert summary.zero_count == (values == 0).sum()
    bad = np.flatnonzero(~np.isfinite(values.ravel()))
    assert summary.first_nonfinite_index == (bad[0] if bad.size else -1)
    if finite.size:
        assert (summary.minimum, summary.maximum) == (finite.min(), finite.max())
        assert summary.greatest_magnitude == np.abs(finite).max()
        magnitude = np.abs(finite).sum()
        assert summary.mean == pytest.approx(finite.mean(), rel=1e-12, abs=1e-12 * magnitude / finite.size)
        assert summary.l1_norm == pytest.approx(magnitude, rel=1e-12)
        assert summary.l2_norm == pytest.approx(math.sqrt(math.fsum(finite.ravel() ** 2)), rel=1e-12)


def values_of(dtype: Any, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    wide = generator(1).normal(size=shape) * 20
    if np.dtype(dtype).kind == "u":
        wide = np.abs(wide)
    return (wide > 0) if np.dtype(dtype).kind == "b" else wide.astype(dtype)


@pytest.mark.parametrize("dtype", [*BUILT_IN, *TAUGHT])
def test_every_element_type(dtype: str) -> None:
    kind = getattr(ml_dtypes, dtype) if dtype in TAUGHT else dtype
    values = values_of(kind, (7, 5, 3))
    agrees(values, values)
    agrees(values.transpose(2, 0, 1)[::-1, ::2], values.transpose(2, 0, 1)[::-1, ::2])


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2"])
def test_torch_floats(name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    kind = getattr(torch, name)
    values = torch.from_numpy(generator(2).normal(size=(6, 4))).to(kind)
    if name != "float8_e4m3fn":
        values.view(-1)[3] = math.inf
    values.view(-1)[7] = math.nan
    expected = values.to(torch.float64).numpy()
    agrees(values, expected)
    agrees(values.t(), expected.T)
    agrees(values[1:, ::2], expected[1:, ::2])
    agrees(values[2], expected[2])
    agrees(values[:1].expand(5, 4), np.broadcast_to(expected[:1], (5, 4)))
    agrees(values[2, 3], expected[2, 3])


@pytest.mark.parametrize("name", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"])
def test_torch_integers(name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    values = torch.tensor([[0, 1, 2], [3, 0, 5]]).to(getattr(torch, name))
    agrees(values.t(), values.to(torch.float64).numpy().T)


def test_torch_views_that_are_not_their_memory() -> None:
    """Grad, a pending negation, a meta device, a sparse layout: detached, resolved, refused, refused."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    values = torch.tensor([1.0, -2.0, 4.0])
    agrees(torch.nn.Parameter(values), values.numpy())
    agrees(torch._neg_view(values), -values.numpy())
    with pytest.raises(ValueError, match=r"tensor: found a tensor on meta, allowed host memory"):
        trimtab.summarize(torch.empty(3, device="meta"))
    with pytest.raises(ValueError, match=r"tensor: found Tensor that cannot be shared by DLPack"):
        trimtab.summarize(torch.eye(3).to_sparse())
    with pytest.raises(TypeError, match="tensor"):
        trimtab.summarize(values.to(torch.complex64))
    if torch.cuda.is_available():
        with pytest.raises(ValueError, match="tensor: found a tensor on cuda:0"):
            trimtab.summarize(values.cuda())


@seeded
@given(st.data())
def test_any_strides(data: st.DataObject) -> None:
    """Slices with any start, stop and step, transposed, broadcast: C reads the elements that NumPy reads."""
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=5, min_side=1, max_side=5))
    values = generator(3).normal(size=shape).astype(data.draw(st.sampled_from(["f4", "f8", "i2"])))
    values.flat[data.draw(st.integers(0, values.size - 1))] *= 1000
    values = values[data.draw(hnp.basic_indices(shape, allow_newaxis=True, max_dims=8))]
    if not isinstance(values, np.ndarray):
        values = np.asarray(values)
    values = values.transpose(data.draw(st.permutations(range(values.ndim))))
    if values.ndim < 8 and data.draw(st.booleans()):
        values = np.broadcast_to(values, (3, *values.shape))
    agrees(values, values)


def test_order_of_elements_is_row_major_of_the_view() -> None:
    values = np.zeros((3, 4))
    values[2, 1] = np.nan
    assert trimtab.summarize(values).first_nonfinite_index == 9
    assert trimtab.summarize(values.T).first_nonfinite_index == 5
    assert trimtab.summarize(values[::-1, ::-1]).first_nonfinite_index == 2


def test_unaligned_memory() -> None:
    raw = bytearray(8 * 10 + 1)
    values = np.frombuffer(raw, dtype="f8", offset=1)
    values[:] = np.arange(10)
    assert not values.flags.aligned
    agrees(values, np.arange(10.0))


def test_strides_that_no_element_count_describes_are_copied() -> None:
    records = np.zeros(5, dtype=np.dtype([("value", "f4"), ("flag", "u1")]))
    records["value"] = [1, 2, 3, 4, 5]
    assert records["value"].strides == (5,)
    agrees(records["value"], np.arange(1.0, 6))


def test_views_are_not_copies() -> None:
    values = generator(4).normal(size=(40, 30))
    for shown in (values, values.T, values[::-2, 3:], memoryview(values)):  # type: ignore[arg-type]
        structure = view(shown, "x").structure
        assert structure.data == np.asarray(shown).ctypes.data


def test_buffers() -> None:
    numbers = [3.0, -1.5, 0.0]
    agrees(array.array("d", numbers), np.array(numbers))
    agrees(memoryview(array.array("f", numbers)), np.array(numbers))
    agrees((ctypes.c_int16 * 3)(3, -1, 0), np.array([3, -1, 0]))
    agrees(b"\x00\x07\xff", np.array([0, 7, 255]))
    agrees(bytearray(b"\x01\x02"), np.array([1, 2]))
    with mmap.mmap(-1, 4096) as memory:
        agrees(memory, np.zeros(4096))


def test_lists_numbers_and_array_like_objects() -> None:
    class Frame:
        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
            return np.array([[1.0, 2.0]])

    agrees([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]))
    agrees(((True, False),), np.array([[1, 0]]))
    agrees(7, np.array(7))
    agrees(np.float32(2.5), np.array(2.5))
    agrees(Frame(), np.array([[1.0, 2.0]]))
    agrees([], np.array([]))


def test_read_only_input() -> None:
    values = np.arange(4.0)
    values.setflags(write=False)
    agrees(values, np.arange(4.0))


def test_empty_tensors() -> None:
    assert trimtab.summarize(np.empty((3, 0, 2))) == trimtab.Summary.identity()


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.arange(3, dtype=">f4"), TypeError, r"tensor: found >f4, allowed native byte order"),
        (np.zeros(3, dtype=complex), TypeError, r"tensor: found element type complex128, allowed float64, float32"),
        (np.zeros(3, dtype=np.longdouble), TypeError, r"tensor: found element type \w*, allowed"),
        (np.array(["a"]), TypeError, "tensor: found strings, allowed float64, float32"),
        (np.array([None]), TypeError, r"tensor: found element type object, allowed"),
        (np.zeros(3, dtype="M8[s]"), TypeError, r"tensor: found element type datetime64\[s\], allowed"),
        (np.zeros(3, dtype=[("a", "f4")]), TypeError, r"tensor: found element type void32, allowed"),
        (np.zeros(3, dtype=ml_dtypes.int4), TypeError, r"tensor: found element type int4, allowed"),
        (np.zeros(3, dtype=ml_dtypes.float8_e4m3b11fnuz), TypeError, r"tensor: found element type float8_e4m3b11fnuz"),
        (None, TypeError, r"tensor: found element type object, allowed"),
        ("text", TypeError, "tensor: found strings, allowed float64, float32"),
        (object(), TypeError, r"tensor: found element type object, allowed"),
        ([[1, 2], [3]], ValueError, r"tensor: found list that is no array"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), ValueError, r"tensor: found a masked array"),
        (np.zeros((1,) * 9), ValueError, r"tensor: found rank 9, allowed"),
    ],
)
def test_what_is_refused(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        trimtab.summarize(value)
    assert isinstance(caught.value, trimtab.TrimtabError)


class _Managed(ctypes.Structure):
    _fields_ = [("tensor", _structures.Tensor), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]


class _ManagedVersioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _structures.Tensor),
    ]


_DESTRUCTOR = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)
_new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
    ("PyCapsule_New", ctypes.pythonapi)
)


class Producer:
    """An array library of our own, so that devices, versions and the deleter can be watched."""

    def __init__(self, *, device: tuple[int, int] = (1, 0), major: int | None = 1, name: bytes | None = None) -> None:
        self.device = device
        self.major = major
        self.name = name or (b"dltensor" if major is None else b"dltensor_versioned")
        self.values = (ctypes.c_float * 3)(1, 2, 4)
        self.shape = (ctypes.c_int64 * 1)(3)
        self.deleted = 0
        self.destructor = _DESTRUCTOR(self._destroy)
        tensor = _structures.Tensor(
            ctypes.addressof(self.values) - 4,
            _structures.Device(*device),
            1,
            _structures.DType(2, 32, 1),
            self.shape,
            None,
            4,
        )
        self.managed = _Managed(tensor) if major is None else _ManagedVersioned(major, 0, None, None, 0, tensor)

    def _destroy(self, _: object) -> None:
        self.deleted += 1

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device

    def __dlpack__(self, **arguments: Any) -> Any:
        if self.major is None and "max_version" in arguments:
            raise TypeError("unexpected keyword argument 'max_version'")
        return _new(ctypes.addressof(self.managed), self.name, ctypes.cast(self.destructor, ctypes.c_void_p))


@pytest.mark.parametrize("major", [None, 1])
def test_capsules_are_released_once_and_not_before(major: int | None) -> None:
    producer = Producer(major=major)
    held = view(producer, "x")
    assert producer.deleted == 0
    assert held.shape == (3,)
    del held
    gc.collect()
    assert producer.deleted == 1
    assert trimtab.summarize(producer).l1_norm == 7  # The byte offset is obeyed too.
    assert producer.deleted == 2


def test_capsule_is_released_when_the_call_fails() -> None:
    producer = Producer()
    with pytest.raises(TypeError, match="gradients"):
        trimtab.gradient_norm([producer, np.array(["text"])])
    gc.collect()
    assert producer.deleted == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"device": (2, 1)}, "tensor: found a tensor on cuda:1, allowed host memory"),
        ({"device": (10, 0)}, "tensor: found a tensor on rocm:0, allowed host memory"),
        ({"device": (99, 0)}, "tensor: found a tensor on DLPack device 99:0, allowed host memory"),
        ({"major": 2}, "tensor: found DLPack version 2, allowed 1"),
        ({"name": b"used_dltensor"}, "tensor: found a DLPack capsule that is used or unnamed"),
    ],
)
def test_capsules_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    producer = Producer(**arguments)
    with pytest.raises(ValueError, match=message):
        trimtab.summarize(producer)


@pytest.mark.parametrize("device", [(3, 0), (11, 0)])
def test_pinned_host_memory_is_read(device: tuple[int, int]) -> None:
    assert trimtab.summarize(Producer(device=device)).count == 3


def test_memory_lives_as_long_as_the_view() -> None:
    values = np.arange(1000.0)
    gone = weakref.ref(values)
    held = view(values, "x")
    del values
    gc.collect()
    assert gone() is not None
    assert (
        np.ctypeslib.as_array(ctypes.cast(held.structure.data, ctypes.POINTER(ctypes.c_double)), (1000,)).sum()
        == 499500
    )
    del held
    gc.collect()
    assert gone() is None


def test_reference_counts_are_steady() -> None:
    values = np.arange(12.0).reshape(3, 4)
    before = sys.getrefcount(values)
    for _ in range(100):
        trimtab.summarize(values)
        with pytest.raises(ValueError, match="unit_axis"):
            trimtab.dead_neurons(values, unit_axis=7)
    assert sys.getrefcount(values) == before
