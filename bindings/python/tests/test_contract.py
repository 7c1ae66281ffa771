"""The headers, the library and this package say the same."""

from __future__ import annotations

import ctypes
import dataclasses
import re
import shutil
import subprocess
import typing
from pathlib import Path

import headers
import pytest

import trimtab
from trimtab import (
    _options,
    _structures,
    _words,
    conditioning,
    detectors,
    drift,
    gradients,
    log_doctor,
    neurons,
    smoothness,
)
from trimtab._headers import CALLBACKS
from trimtab._headers import log_doctor as log_doctor_structures
from trimtab._headers import smoothness as smoothness_structures
from trimtab._library import library
from trimtab._signatures import SIGNATURES, STRUCTURES

CONSTANTS = headers.constants()


def test_signature_table_holds_the_names_of_the_headers() -> None:
    assert set(SIGNATURES) == headers.function_names()


def test_library_exports_the_names_of_the_headers() -> None:
    nm = shutil.which("nm")
    if nm is None:
        pytest.skip("no nm on the PATH")
    output = subprocess.run(
        [nm, "-D", "--defined-only", "--extern-only", str(trimtab.LIBRARY_PATH)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert {line.split()[-1] for line in output.splitlines()} == headers.function_names()


def test_every_function_of_the_table_is_bound_with_its_types() -> None:
    for name, (restype, argtypes) in SIGNATURES.items():
        function = getattr(library, name)
        assert (function.restype, tuple(function.argtypes)) == (restype, argtypes), name


def test_argument_counts_are_those_of_the_headers() -> None:
    for name, parameters in headers.prototypes().items():
        assert len(SIGNATURES[name][1]) == len(parameters), name


def test_argument_kinds_are_those_of_the_headers() -> None:
    scalars: dict[str, typing.Any] = {
        "int64_t": ctypes.c_int64,
        "int32_t": ctypes.c_int32,
        "uint64_t": ctypes.c_uint64,
        "trimtab_status": ctypes.c_int32,
    }
    scalars["double"] = ctypes.c_double
    scalars |= {"trimtab_value": ctypes.c_int64} | CALLBACKS
    scalars["uint64_t"] = ctypes.c_uint64
    scalars |= dict.fromkeys(("trimtab_outcome", "trimtab_verdict", "trimtab_cause"), ctypes.c_int32)
    monitors = ("trimtab_rule", "trimtab_quantity", "trimtab_scalar", "trimtab_action", "trimtab_role")
    scalars |= dict.fromkeys(monitors, ctypes.c_int32)
    scalars |= dict.fromkeys(("trimtab_log_check", "trimtab_log_quantity"), ctypes.c_int32)
    pointers = {name: ctypes.POINTER(structure) for name, structure in STRUCTURES.items()} | {
        "double": ctypes.POINTER(ctypes.c_double),
        "uint8_t": ctypes.POINTER(ctypes.c_uint8),
    }
    pointers |= {"int64_t": ctypes.POINTER(ctypes.c_int64), "int32_t": ctypes.POINTER(ctypes.c_int32)}
    pointers |= {"void": ctypes.c_void_p, "char": ctypes.c_char_p}
    pointers |= dict.fromkeys(("trimtab_quantity", "trimtab_scalar"), ctypes.POINTER(ctypes.c_int32))
    pointers["trimtab_value"] = ctypes.POINTER(ctypes.c_int64)
    for name, parameters in headers.prototypes().items():
        for parameter, argtype in zip(parameters, SIGNATURES[name][1], strict=True):
            match = re.fullmatch(r"(?:const )?(\w+) (\**)\w+(\[\d\])?", parameter)
            assert match is not None, parameter
            kind, stars = match[1], match[2] + ("*" if match[3] else "")
            if not stars:
                assert argtype is scalars[kind], (name, parameter)
            elif stars == "*" and kind in pointers:
                assert argtype is pointers[kind], (name, parameter)
            elif (kind, stars) == ("char", "**"):
                assert argtype is ctypes.POINTER(ctypes.c_char_p), (name, parameter)
            else:  # An opaque handle, or a pointer to one.
                opaque = argtype._type_._type_ if stars == "**" else argtype._type_
                assert "trimtab_" + re.sub(r"(?<!^)([A-Z])", r"_\1", opaque.__name__).lower() == kind, (name, parameter)


@pytest.fixture(scope="module")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return headers.layouts(tmp_path_factory.mktemp("layouts"))


def test_the_headers_declare_no_other_structure() -> None:
    declared = set(re.findall(r"^\} (trimtab_\w+);", headers.text(), flags=re.M))
    assert declared == set(STRUCTURES)


@pytest.mark.parametrize("name", STRUCTURES)
def test_layout_is_the_compiler_s(name: str, layouts: dict[str, str]) -> None:
    structure = STRUCTURES[name]
    assert layouts[name] == str(ctypes.sizeof(structure))
    for field, *_ in structure._fields_:
        descriptor = getattr(structure, field)
        assert layouts[f"{name}.{field}"] == f"{descriptor.offset} {descriptor.size}", field
    if issubclass(structure, _structures.Sized):
        assert layouts[f"{name}_INIT"] == bytes(structure()).hex()


@pytest.mark.parametrize(
    ("options", "structure"),
    [
        (conditioning.ConditioningOptions, _structures.ConditioningOptions),
        (conditioning.MatrixOptions, _structures.MatrixOptions),
        (neurons.ActivityOptions, _structures.ActivityOptions),
        (drift.DriftOptions, _structures.DriftOptions),
        (gradients.GradientOptions, _structures.GradientOptions),
        (smoothness.SmoothnessOptions, smoothness_structures.SmoothnessOptions),
        (smoothness.SolverOptions, smoothness_structures.SolverOptions),
        (log_doctor.LogDoctorOptions, log_doctor_structures.LogDoctorOptions),
    ],
)
def test_typed_options_are_the_fields_of_c(options: type, structure: type[_structures.Sized]) -> None:
    assert tuple(typing.get_type_hints(options)) == _options.allowed(structure)


def test_typed_detector_options_are_the_fields_of_c_but_for_the_kind() -> None:
    typed = tuple(typing.get_type_hints(detectors.DetectorOptions))
    assert ("kind", *typed) == _options.allowed(_structures.DetectorOptions)


@pytest.mark.parametrize(
    ("report", "structure", "extra"),
    [
        (conditioning.ConditioningReport, _structures.ConditioningReport, ()),
        (conditioning.MatrixReport, _structures.MatrixReport, ()),
        (neurons.ActivityReport, _structures.ActivityReport, ("dead",)),
        (neurons.RevivalReport, _structures.RevivalReport, ("newly_dead_mask",)),
        (drift.DriftReport, _structures.DriftReport, ()),
        (gradients.GradientReport, _structures.GradientReport, ("names", "without_gradient", "_summaries")),
        (detectors.DetectorResult, _structures.DetectorResult, ()),
        (smoothness.SmoothnessReport, smoothness_structures.SmoothnessReport, ()),
        (smoothness.SolverReport, smoothness_structures.SolverReport, ()),
        (trimtab.Summary, _structures.Summary, ()),
    ],
)
def test_reports_have_the_fields_of_c(report: type, structure: type[ctypes.Structure], extra: tuple[str, ...]) -> None:
    names = [name for name, *_ in structure._fields_ if name != "struct_size" and not name.startswith("reserved")]
    assert [field.name for field in dataclasses.fields(report)] == [*names, *extra]


@pytest.mark.parametrize("kind", ["outcome", "verdict", "cause"])
def test_words_are_those_of_the_header_and_the_library(kind: str) -> None:
    prefix = f"TRIMTAB_{kind.upper()}_"
    declared = {name.removeprefix(prefix): code for name, code in CONSTANTS.items() if name.startswith(prefix)}
    words = getattr(_words, kind.capitalize())
    known = {word.name: word.code for word in words if not (kind == "cause" and word.name == "UNKNOWN")}
    assert known == declared
    name_of = getattr(library, f"trimtab_{kind}_name")
    for word in words:
        assert name_of(word.code).decode() == word.value == word.name.lower()


def test_causes_explain_themselves() -> None:
    for cause in trimtab.Cause:
        if cause in (trimtab.Cause.NONE, trimtab.Cause.UNKNOWN):
            assert (cause.text, cause.cure, cause.check) == ("", "", "")
        else:
            assert cause.text.endswith("."), cause


def test_unknown_cause_has_a_word() -> None:
    assert _words.cause(12345) is trimtab.Cause.UNKNOWN


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("TRIMTAB_ACTIVATION_", _options.ACTIVATIONS),
        ("TRIMTAB_WHITENING_", _options.WHITENINGS),
        ("TRIMTAB_METHOD_", _options.METHODS),
    ],
)
def test_option_words_are_the_header_s_constants(prefix: str, words: tuple[str, ...]) -> None:
    declared = {name.removeprefix(prefix).lower(): code for name, code in CONSTANTS.items() if name.startswith(prefix)}
    assert {word: code for code, word in enumerate(words)} == declared


def test_norms_and_unit_flags_are_the_header_s_constants() -> None:
    for word in ("one", "two", "infinity", "frobenius"):
        assert _options.NORMS[word] == CONSTANTS[f"TRIMTAB_NORM_{word.upper()}"]
    assert (_options.NORMS[1], _options.NORMS[2]) == (_options.NORMS["one"], _options.NORMS["two"])
    assert (_options.NORMS[float("inf")], _options.NORMS["fro"]) == (3, 4)
    for flag in trimtab.UnitFlag:
        assert flag.value == CONSTANTS[f"TRIMTAB_UNIT_{flag.name}"]
    assert CONSTANTS["TRIMTAB_BLAME_CAPACITY"] == _structures.BLAME_CAPACITY


def test_versions_are_the_header_s() -> None:
    parts = [CONSTANTS[f"TRIMTAB_VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH")]
    assert trimtab.__version__ == ".".join(map(str, parts))
    assert library.trimtab_version_number() == CONSTANTS["TRIMTAB_VERSION_NUMBER"]
    assert library.trimtab_abi_version() == CONSTANTS["TRIMTAB_ABI_VERSION"]


def test_status_names_and_exceptions() -> None:
    from trimtab import _errors

    for name, code in CONSTANTS.items():
        if name.startswith("TRIMTAB_ERROR_"):
            error = _errors.refusal(code, "x: found y, allowed z")
            assert (error.name, error.status, str(error)) == (name, code, "x: found y, allowed z")
            short = name.removeprefix("TRIMTAB_ERROR_")
            assert getattr(_errors, short, code) == code
            expected: type[Exception] = ValueError
            if short == "DTYPE":
                expected = TypeError
            elif short == "OUT_OF_MEMORY":
                expected = MemoryError
            elif short == "FILE":
                expected = OSError
            elif short in ("STRUCT_SIZE", "CAPACITY", "CALLBACK", "INTERNAL"):
                expected = RuntimeError
            assert isinstance(error, expected)
            assert isinstance(error, trimtab.TrimtabError)


def test_typed_marker_is_installed() -> None:
    assert (Path(trimtab.__file__).parent / "py.typed").exists()
