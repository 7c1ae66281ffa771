"""Every function of the headers: its result type and its argument types. Nothing else in the package declares one."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any

from . import _headers
from . import _structures as structures


class Covariance(ctypes.Structure):
    """An opaque trimtab_covariance."""


class Whitener(ctypes.Structure):
    """An opaque trimtab_whitener."""


class Neurons(ctypes.Structure):
    """An opaque trimtab_neurons."""


class LabelDrift(ctypes.Structure):
    """An opaque trimtab_label_drift."""


class Gradients(ctypes.Structure):
    """An opaque trimtab_gradients."""


class Monitor(ctypes.Structure):
    """An opaque trimtab_monitor."""


class Detector(ctypes.Structure):
    """An opaque trimtab_detector."""


class Trainer(ctypes.Structure):
    """An opaque trimtab_trainer."""


class Tape(ctypes.Structure):
    """An opaque trimtab_tape."""


Status = c_int32
_Tensor = POINTER(structures.Tensor)
_Summary = POINTER(structures.Summary)
_Doubles = POINTER(c_double)
_Integers = POINTER(c_int64)
_Bytes = POINTER(c_uint8)

Signature = tuple[Any, tuple[Any, ...]]


def _state_functions(kind: str, opaque: type[ctypes.Structure]) -> dict[str, Signature]:
    """The functions that every handle has."""
    handle = POINTER(opaque)
    return {
        f"trimtab_{kind}_save": (Status, (handle, c_void_p, c_int64, POINTER(c_int64))),
        f"trimtab_{kind}_load": (Status, (c_void_p, c_int64, POINTER(handle))),
        f"trimtab_{kind}_destroy": (None, (handle,)),
    }


def _accumulator_functions(
    kind: str,
    opaque: type[ctypes.Structure],
    options: type[ctypes.Structure],
    add: tuple[Any, ...],
    report: tuple[Any, ...],
) -> dict[str, Signature]:
    """The functions that every accumulator has; `add` and `report` are what follows the handle."""
    handle = POINTER(opaque)
    return {
        f"trimtab_{kind}_create": (Status, (POINTER(options), POINTER(handle))),
        f"trimtab_{kind}_add": (Status, (handle, *add)),
        f"trimtab_{kind}_merge": (Status, (handle, handle)),
        f"trimtab_{kind}_report": (Status, (handle, *report)),
        **_state_functions(kind, opaque),
    }


SIGNATURES: dict[str, Signature] = {
    # status.h
    "trimtab_status_name": (c_char_p, (c_int32,)),
    "trimtab_last_error": (c_char_p, ()),
    "trimtab_version_number": (c_uint32, ()),
    "trimtab_version_string": (c_char_p, ()),
    "trimtab_abi_version": (c_uint32, ()),
    "trimtab_kernel_level": (c_char_p, ()),
    "trimtab_outcome_name": (c_char_p, (c_int32,)),
    "trimtab_verdict_name": (c_char_p, (c_int32,)),
    "trimtab_cause_name": (c_char_p, (c_int32,)),
    "trimtab_cause_text": (c_char_p, (c_int32,)),
    "trimtab_cure_text": (c_char_p, (c_int32,)),
    "trimtab_check_text": (c_char_p, (c_int32,)),
    # summary.h
    "trimtab_summarize": (Status, (_Tensor, _Summary)),
    "trimtab_summarize_all": (Status, (_Tensor, c_int64, _Summary)),
    "trimtab_summary_identity": (Status, (_Summary,)),
    "trimtab_summary_merge": (Status, (_Summary, _Summary)),
    # conditioning.h
    "trimtab_condition_number": (
        Status,
        (_Tensor, POINTER(structures.ConditioningOptions), POINTER(structures.ConditioningReport)),
    ),
    **_accumulator_functions(
        "covariance",
        Covariance,
        structures.ConditioningOptions,
        add=(_Tensor,),
        report=(POINTER(structures.ConditioningReport),),
    ),
    "trimtab_conditioning_advice": (
        Status,
        (
            _Tensor,
            POINTER(structures.ConditioningOptions),
            c_double,
            POINTER(structures.ConditioningAdviceReport),
        ),
    ),
    "trimtab_covariance_advice": (
        Status,
        (POINTER(Covariance), c_double, POINTER(structures.ConditioningAdviceReport)),
    ),
    "trimtab_covariance_features": (Status, (POINTER(Covariance), POINTER(c_int64))),
    "trimtab_covariance_moments": (Status, (POINTER(Covariance), c_int64, _Doubles, _Doubles, _Doubles)),
    "trimtab_matrix_condition": (
        Status,
        (_Tensor, POINTER(structures.MatrixOptions), POINTER(structures.MatrixReport)),
    ),
    # remedies.h
    "trimtab_whitener_fit": (
        Status,
        (POINTER(Covariance), POINTER(structures.WhiteningOptions), POINTER(POINTER(Whitener))),
    ),
    "trimtab_whitener_apply": (Status, (POINTER(Whitener), _Tensor, _Tensor)),
    "trimtab_whitener_parameters": (Status, (POINTER(Whitener), c_int64, _Doubles, _Doubles)),
    "trimtab_whitener_fitted_options": (Status, (POINTER(Whitener), POINTER(structures.WhiteningOptions))),
    "trimtab_whitener_features": (Status, (POINTER(Whitener), POINTER(c_int64))),
    **_state_functions("whitener", Whitener),
    # neurons.h
    "trimtab_dead_neurons": (
        Status,
        (_Tensor, POINTER(structures.ActivityOptions), POINTER(structures.ActivityReport), _Bytes),
    ),
    **_accumulator_functions(
        "neurons",
        Neurons,
        structures.ActivityOptions,
        add=(_Tensor,),
        report=(POINTER(structures.ActivityReport),),
    ),
    "trimtab_neurons_units": (Status, (POINTER(Neurons), c_int64, _Doubles, _Doubles, _Bytes)),
    "trimtab_neurons_compare": (
        Status,
        (POINTER(Neurons), POINTER(Neurons), POINTER(structures.RevivalReport), _Bytes),
    ),
    # drift.h
    "trimtab_pseudo_label_drift": (
        Status,
        (_Tensor, _Tensor, POINTER(structures.DriftOptions), POINTER(structures.DriftReport)),
    ),
    **_accumulator_functions(
        "label_drift",
        LabelDrift,
        structures.DriftOptions,
        add=(c_int64, _Tensor, _Tensor),
        report=(POINTER(structures.DriftReport),),
    ),
    "trimtab_label_drift_report_round": (Status, (POINTER(LabelDrift), c_int64, POINTER(structures.DriftReport))),
    # gradients.h
    "trimtab_gradient_norm": (
        Status,
        (_Tensor, c_int64, POINTER(structures.GradientOptions), POINTER(structures.GradientReport), _Summary),
    ),
    **_accumulator_functions(
        "gradients",
        Gradients,
        structures.GradientOptions,
        add=(_Tensor, c_int64),
        report=(POINTER(structures.GradientReport), _Summary, c_int64),
    ),
    "trimtab_gradients_add_summaries": (Status, (POINTER(Gradients), _Summary, POINTER(c_int32), c_int64)),
    # monitor.h
    "trimtab_monitor_create": (Status, (POINTER(structures.MonitorOptions), POINTER(POINTER(Monitor)))),
    "trimtab_monitor_destroy": (None, (POINTER(Monitor),)),
    "trimtab_monitor_register": (Status, (POINTER(Monitor), c_char_p, POINTER(structures.Entry), _Integers)),
    "trimtab_monitor_find": (Status, (POINTER(Monitor), c_char_p, _Integers)),
    "trimtab_monitor_rule": (Status, (POINTER(Monitor), c_int32, POINTER(structures.RuleOptions))),
    "trimtab_monitor_set_rule": (Status, (POINTER(Monitor), c_int32, POINTER(structures.RuleOptions))),
    "trimtab_monitor_silence": (Status, (POINTER(Monitor), c_int32, c_int64)),
    "trimtab_monitor_begin_step": (Status, (POINTER(Monitor), c_int64)),
    "trimtab_monitor_wants": (Status, (POINTER(Monitor), c_int64, c_int32, POINTER(c_int32))),
    "trimtab_monitor_observe": (Status, (POINTER(Monitor), c_int64, c_int32, _Tensor)),
    "trimtab_monitor_wants_all": (
        Status,
        (POINTER(Monitor), _Integers, POINTER(c_int32), c_int64, _Bytes),
    ),
    "trimtab_monitor_observe_all": (Status, (POINTER(Monitor), _Integers, POINTER(c_int32), _Tensor, c_int64)),
    "trimtab_monitor_observe_summary": (Status, (POINTER(Monitor), c_int64, c_int32, c_int32, _Summary)),
    "trimtab_monitor_observe_sample": (Status, (POINTER(Monitor), c_int64, c_int32, c_int64, _Tensor)),
    "trimtab_monitor_observe_scalars": (
        Status,
        (POINTER(Monitor), POINTER(c_int32), _Doubles, c_int64),
    ),
    "trimtab_monitor_step": (
        Status,
        (
            POINTER(Monitor),
            c_int64,
            POINTER(c_int32),
            _Doubles,
            c_int64,
            _Integers,
            POINTER(c_int32),
            _Tensor,
            c_int64,
            _Bytes,
            POINTER(structures.Decision),
        ),
    ),
    "trimtab_monitor_observe_scalar": (Status, (POINTER(Monitor), c_int32, c_double)),
    "trimtab_monitor_observe_objective": (Status, (POINTER(Monitor), POINTER(_headers.set_up.Objective))),
    "trimtab_monitor_observe_set_up": (Status, (POINTER(Monitor), POINTER(_headers.set_up.SetUp))),
    "trimtab_monitor_observe_noise": (Status, (POINTER(Monitor), c_double, c_double, c_double, c_double)),
    "trimtab_monitor_observe_width": (Status, (POINTER(Monitor), c_int64, c_int64, c_double)),
    "trimtab_monitor_end_step": (Status, (POINTER(Monitor), POINTER(structures.Decision))),
    "trimtab_monitor_clip_factor": (Status, (POINTER(Monitor), c_int64, _Doubles)),
    "trimtab_monitor_restored": (Status, (POINTER(Monitor), c_int64)),
    "trimtab_monitor_keep": (Status, (POINTER(Monitor), _Tensor, c_int64, c_int64)),
    "trimtab_monitor_restore": (Status, (POINTER(Monitor), _Tensor, c_int64, _Integers)),
    "trimtab_monitor_finding_count": (Status, (POINTER(Monitor), _Integers)),
    "trimtab_monitor_finding": (Status, (POINTER(Monitor), c_int64, POINTER(structures.Finding))),
    "trimtab_monitor_coverage": (Status, (POINTER(Monitor), c_int64, c_int32, POINTER(structures.Coverage))),
    "trimtab_monitor_noise": (Status, (POINTER(Monitor), _Doubles, _Doubles)),
    "trimtab_monitor_spectrum": (Status, (POINTER(Monitor), c_int64, _Doubles, _Doubles, _Doubles)),
    "trimtab_monitor_log": (Status, (POINTER(Monitor), c_char_p)),
    "trimtab_monitor_log_state": (Status, (POINTER(Monitor), POINTER(structures.LogState))),
    "trimtab_monitor_write_record": (Status, (POINTER(Monitor), c_char_p)),
    "trimtab_monitor_record_to": (Status, (POINTER(Monitor), c_char_p)),
    "trimtab_rule_name": (c_char_p, (c_int32,)),
    "trimtab_rule_published_name": (c_char_p, (c_int32,)),
    "trimtab_action_name": (c_char_p, (c_int32,)),
    "trimtab_quantity_name": (c_char_p, (c_int32,)),
    # detector.h
    "trimtab_detector_create": (Status, (POINTER(structures.DetectorOptions), POINTER(POINTER(Detector)))),
    "trimtab_detector_add": (Status, (POINTER(Detector), c_double, POINTER(structures.DetectorResult))),
    "trimtab_detector_reset": (Status, (POINTER(Detector),)),
    "trimtab_detector_report": (Status, (POINTER(Detector), POINTER(structures.DetectorResult))),
    **_state_functions("detector", Detector),
    # trainer.h
    "trimtab_trainer_create": (Status, (POINTER(structures.TrainerOptions), POINTER(POINTER(Trainer)))),
    "trimtab_trainer_destroy": (None, (POINTER(Trainer),)),
    "trimtab_trainer_step": (Status, (POINTER(Trainer), _Tensor, _Tensor, POINTER(structures.TrainerReport))),
    "trimtab_trainer_evaluate": (Status, (POINTER(Trainer), _Tensor, _Tensor, POINTER(structures.EvaluationReport))),
    "trimtab_trainer_predict": (Status, (POINTER(Trainer), _Tensor, _Tensor)),
    "trimtab_trainer_output_shape": (Status, (POINTER(Trainer), _Integers, _Integers)),
    "trimtab_trainer_set_learning_rate": (Status, (POINTER(Trainer), c_double)),
    "trimtab_trainer_set_leak": (Status, (POINTER(Trainer), c_double, c_double, c_double)),
    "trimtab_trainer_set_graph": (Status, (POINTER(Trainer), c_int64, c_int64, _Integers, _Integers, _Doubles)),
    "trimtab_trainer_tensor_count": (Status, (POINTER(Trainer), c_int32, _Integers)),
    "trimtab_trainer_tensor": (Status, (POINTER(Trainer), c_int32, c_int64, POINTER(c_char_p), _Tensor)),
    "trimtab_trainer_attach": (Status, (POINTER(Trainer), POINTER(Monitor))),
    "trimtab_trainer_save": (Status, (POINTER(Trainer), c_void_p, c_int64, _Integers)),
    "trimtab_trainer_load": (Status, (POINTER(Trainer), c_void_p, c_int64)),
    "trimtab_trainer_derivatives": (
        Status,
        (POINTER(Trainer), _Tensor, _Tensor, _Doubles, c_int64, _Doubles, _Doubles, _Doubles),
    ),
    "trimtab_trainer_sharpness": (
        Status,
        (
            POINTER(Trainer),
            _Tensor,
            _Tensor,
            POINTER(structures.SharpnessOptions),
            POINTER(structures.SharpnessReport),
        ),
    ),
    "trimtab_rate_range_test": (
        Status,
        (
            structures.RATE_STEP,
            c_void_p,
            POINTER(structures.RateRangeOptions),
            POINTER(structures.RateRangeReport),
        ),
    ),
    "trimtab_peak_rate_search": (
        Status,
        (
            structures.TRAINING_RUN,
            c_void_p,
            POINTER(structures.PeakRateOptions),
            POINTER(structures.PeakRateReport),
        ),
    ),
    "trimtab_warm_up_need": (
        Status,
        (structures.TRAINING_RUN, c_void_p, c_double, c_int64, c_uint64, POINTER(structures.WarmUpReport)),
    ),
    "trimtab_tape_record": (Status, (POINTER(Tape), c_int32, _Integers, c_int64, c_double, c_double, _Integers)),
    "trimtab_tape_shape": (Status, (POINTER(Tape), c_int64, _Integers, _Integers)),
    "trimtab_objective_derivatives": (
        Status,
        (structures.OBJECTIVE, c_void_p, _Tensor, c_int64, _Tensor, _Doubles, _Tensor, _Tensor),
    ),
    **_headers.SIGNATURES,
}
#: Every structure of the headers, by its name in C.
STRUCTURES: dict[str, type[ctypes.Structure]] = structures.C_NAMES | _headers.STRUCTURES
