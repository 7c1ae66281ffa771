"""The structures of the headers, field by field.

A test compares sizes, offsets and defaults with what a C compiler says.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from typing import Any, ClassVar

BLAME_CAPACITY = 8
MAXIMUM_RANK = 8


class Device(ctypes.Structure):
    """trimtab_device."""

    _fields_: ClassVar[Any] = [("device_type", c_int32), ("device_id", c_int32)]


class DType(ctypes.Structure):
    """trimtab_dtype."""

    _fields_: ClassVar[Any] = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]


class Tensor(ctypes.Structure):
    """trimtab_tensor, which is DLPack's DLTensor."""

    _fields_: ClassVar[Any] = [
        ("data", c_void_p),
        ("device", Device),
        ("ndim", c_int32),
        ("dtype", DType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class Summary(ctypes.Structure):
    """trimtab_summary."""

    _fields_: ClassVar[Any] = [
        ("count", c_int64),
        ("nan_count", c_int64),
        ("positive_infinity_count", c_int64),
        ("negative_infinity_count", c_int64),
        ("zero_count", c_int64),
        ("subnormal_count", c_int64),
        ("first_nonfinite_index", c_int64),
        ("minimum", c_double),
        ("maximum", c_double),
        ("greatest_magnitude", c_double),
        ("mean", c_double),
        ("l1_norm", c_double),
        ("l2_norm", c_double),
        ("scaled_sum", c_double),
        ("scaled_absolute_sum", c_double),
        ("scaled_square_sum", c_double),
        ("scale_exponent", c_int32),
        ("reserved32", c_int32),
        ("reserved", c_int64 * 3),
    ]


class Sized(ctypes.Structure):
    """A structure that begins with struct_size, which is filled, as are the defaults of options."""

    defaults: ClassVar[dict[str, float]] = {}
    struct_size: int

    def __init__(self) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **self.defaults)


class ConditioningOptions(Sized):
    """trimtab_conditioning_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("warning_condition_number", c_double),
        ("critical_condition_number", c_double),
        ("null_factor", c_double),
        ("maximum_features", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "warning_condition_number": 1e3,
        "critical_condition_number": 1e6,
        "null_factor": 10.0,
        "maximum_features": 8192,
    }


_VERDICT: list[tuple[str, Any]] = [
    ("struct_size", c_uint32),
    ("outcome", c_int32),
    ("verdict", c_int32),
    ("cause", c_int32),
]


class ConditioningReport(Sized):
    """trimtab_conditioning_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("sample_count", c_int64),
        ("nonfinite_sample_count", c_int64),
        ("feature_count", c_int64),
        ("constant_feature_count", c_int64),
        ("rank", c_int64),
        ("condition_number", c_double),
        ("condition_number_on_support", c_double),
        ("condition_number_shrunk", c_double),
        ("shrinkage", c_double),
        ("condition_number_of_correlation", c_double),
        ("null_condition_number", c_double),
        ("largest_eigenvalue", c_double),
        ("smallest_eigenvalue", c_double),
        ("effective_rank", c_double),
        ("participation_ratio", c_double),
        ("largest_stable_learning_rate", c_double),
        ("gradient_descent_rate", c_double),
        ("threshold", c_double),
        ("blamed_count", c_int64),
        ("blamed_features", c_int64 * BLAME_CAPACITY),
        ("blamed_shares", c_double * BLAME_CAPACITY),
        ("measurement", c_double),
    ]


class ConditioningAdviceReport(Sized):
    """trimtab_conditioning_advice_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("advice", c_int32),
        ("reserved", c_int32),
        ("tolerance", c_double),
        ("condition_number", c_double),
        ("condition_number_standardised", c_double),
        ("steps", c_double),
        ("steps_standardised", c_double),
        ("steps_whitened", c_double),
    ]


class MatrixOptions(Sized):
    """trimtab_matrix_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("norm", c_int32),
        ("method", c_int32),
        ("reserved", c_int32),
        ("critical_condition_number", c_double),
        ("relative_tolerance", c_double),
        ("maximum_elements", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {"norm": 2, "relative_tolerance": 1e-6, "maximum_elements": 67108864}


class MatrixReport(Sized):
    """trimtab_matrix_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("row_count", c_int64),
        ("column_count", c_int64),
        ("nonfinite_count", c_int64),
        ("zero_row_count", c_int64),
        ("zero_column_count", c_int64),
        ("rank", c_int64),
        ("method", c_int32),
        ("certain", c_int32),
        ("condition_number", c_double),
        ("condition_number_on_support", c_double),
        ("largest_singular_value", c_double),
        ("smallest_singular_value", c_double),
        ("stable_rank", c_double),
        ("relative_error_bound", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


class WhiteningOptions(Sized):
    """trimtab_whitening_options."""

    _fields_: ClassVar[Any] = [("struct_size", c_uint32), ("method", c_int32), ("regularisation", c_double)]


class ActivityOptions(Sized):
    """trimtab_activity_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("activation", c_int32),
        ("unit_axis", c_int32),
        ("reserved", c_int32),
        ("leak", c_double),
        ("inactive_fraction", c_double),
        ("dormant_threshold", c_double),
        ("saturation_low", c_double),
        ("saturation_high", c_double),
        ("saturated_fraction", c_double),
        ("layer_warning_fraction", c_double),
        ("layer_critical_fraction", c_double),
        ("confidence", c_double),
        ("least_active_fraction", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "unit_axis": -1,
        "leak": 0.01,
        "inactive_fraction": 0.01,
        "dormant_threshold": 0.025,
        "saturated_fraction": 0.99,
        "layer_warning_fraction": 0.10,
        "layer_critical_fraction": 0.50,
        "confidence": 0.95,
        "least_active_fraction": 0.003,
    }


class ActivityReport(Sized):
    """trimtab_activity_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("sample_count", c_int64),
        ("unit_count", c_int64),
        ("nonfinite_count", c_int64),
        ("dead_count", c_int64),
        ("inactive_count", c_int64),
        ("dormant_count", c_int64),
        ("saturated_count", c_int64),
        ("dead_fraction", c_double),
        ("inactive_fraction", c_double),
        ("dormant_fraction", c_double),
        ("saturated_fraction", c_double),
        ("mean_active_fraction", c_double),
        ("mean_preactivation", c_double),
        ("preactivation_scale", c_double),
        ("confidence", c_double),
        ("threshold", c_double),
    ]


class RevivalReport(Sized):
    """trimtab_revival_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("unit_count", c_int64),
        ("dead_before", c_int64),
        ("dead_after", c_int64),
        ("revived", c_int64),
        ("newly_dead", c_int64),
        ("revival_fraction", c_double),
        ("new_death_fraction", c_double),
        ("persistence", c_double),
        ("threshold", c_double),
    ]


class DriftOptions(Sized):
    """trimtab_drift_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("class_count", c_int64),
        ("confidence_gate", c_double),
        ("warning_flip_rate", c_double),
        ("critical_flip_rate", c_double),
        ("oscillation_share", c_double),
        ("oscillation_flip_rate", c_double),
        ("class_distance", c_double),
        ("collapse_share", c_double),
        ("class_prior", POINTER(c_double)),
        ("class_prior_count", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "confidence_gate": 0.95,
        "warning_flip_rate": 0.05,
        "critical_flip_rate": 0.20,
        "oscillation_share": 0.5,
        "oscillation_flip_rate": 0.02,
        "class_distance": 0.2,
        "collapse_share": 0.99,
    }


class DriftReport(Sized):
    """trimtab_drift_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("round", c_int64),
        ("round_count", c_int64),
        ("sample_count", c_int64),
        ("nonfinite_count", c_int64),
        ("unmatched_count", c_int64),
        ("class_count", c_int64),
        ("oscillation_sample_count", c_int64),
        ("confident_sample_count", c_int64),
        ("flip_rate", c_double),
        ("confident_flip_rate", c_double),
        ("oscillation_rate", c_double),
        ("oscillation_share", c_double),
        ("oscillation_null", c_double),
        ("total_variation", c_double),
        ("jensen_shannon", c_double),
        ("kullback_leibler", c_double),
        ("gate_coverage", c_double),
        ("class_prior_distance", c_double),
        ("class_shift", c_double),
        ("least_class_share", c_double),
        ("greatest_class_share", c_double),
        ("mean_flip_rate", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
        ("has_probabilities", c_int32),
        ("reserved", c_int32),
    ]


class GradientOptions(Sized):
    """trimtab_gradient_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("maximum_norm", c_double),
        ("vanishing_mean_magnitude", c_double),
        ("warning_depth_slope", c_double),
        ("critical_depth_slope", c_double),
        ("least_depth_span", c_double),
        ("least_depth", c_int64),
        ("exploding_norm_factor", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "maximum_norm": 1.0,
        "vanishing_mean_magnitude": 1e-7,
        "warning_depth_slope": 0.1,
        "critical_depth_slope": 0.3,
        "least_depth_span": 2.0,
        "least_depth": 3,
        "exploding_norm_factor": 1e6,
    }


class GradientReport(Sized):
    """trimtab_gradient_report."""

    _fields_: ClassVar[Any] = [
        *_VERDICT,
        ("tensor_count", c_int64),
        ("element_count", c_int64),
        ("nonfinite_count", c_int64),
        ("nonfinite_tensor_count", c_int64),
        ("first_nonfinite_tensor", c_int64),
        ("first_nonfinite_index", c_int64),
        ("zero_tensor_count", c_int64),
        ("vanishing_tensor_count", c_int64),
        ("depth", c_int64),
        ("global_norm", c_double),
        ("greatest_magnitude", c_double),
        ("mean_magnitude", c_double),
        ("depth_slope", c_double),
        ("depth_ratio", c_double),
        ("clip_factor", c_double),
        ("threshold", c_double),
        ("measurement", c_double),
    ]


class DetectorOptions(Sized):
    """trimtab_detector_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("direction", c_int32),
        ("scale", c_int32),
        ("warm_up", c_int64),
        ("confirmation", c_int64),
        ("patience", c_int64),
        ("false_alarms_per_million", c_double),
        ("hysteresis", c_double),
        ("divergence_ratio", c_double),
        ("sustained_ratio", c_double),
        ("plateau_tolerance", c_double),
        ("oscillation_rate", c_double),
        ("vanishing_magnitude", c_double),
        ("unchanged_tolerance", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "warm_up": 25,
        "false_alarms_per_million": 1.0,
        "hysteresis": 0.8,
        "divergence_ratio": 4.0,
        "sustained_ratio": 2.0,
        "plateau_tolerance": 1e-4,
        "oscillation_rate": 0.8,
        "vanishing_magnitude": 1e-7,
        "unchanged_tolerance": 1e-5,
    }


class DetectorResult(Sized):
    """trimtab_detector_result."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("verdict", c_int32),
        ("state", c_int32),
        ("kind", c_int32),
        ("scale", c_int32),
        ("value", c_double),
        ("score", c_double),
        ("threshold", c_double),
        ("baseline", c_double),
        ("spread", c_double),
        ("step_count", c_int64),
        ("nonfinite_count", c_int64),
        ("alarm_count", c_int64),
        ("first_alarm_step", c_int64),
        ("consecutive_steps", c_int64),
    ]


class Entry(Sized):
    """trimtab_entry."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("role", c_int32),
        ("activation", c_int32),
        ("flags", c_uint32),
        ("unit_axis", c_int32),
        ("order", c_int64),
        ("width", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {"activation": -1, "unit_axis": -1}


class RuleOptions(Sized):
    """trimtab_rule_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("is_enabled", c_int32),
        ("patience", c_int64),
        ("warning", c_double),
        ("critical", c_double),
    ]


class MonitorOptions(Sized):
    """trimtab_monitor_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("preset", c_int32),
        ("clipping", c_int32),
        ("may_roll_back", c_int32),
        ("maximum_norm", c_double),
        ("false_alarms_per_million", c_double),
        ("budget", c_double),
        ("warm_up", c_int64),
        ("audit_interval", c_int64),
        ("greatest_skips", c_int64),
        ("recorder_steps", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "maximum_norm": 1.0,
        "false_alarms_per_million": 1.0,
        "budget": 0.01,
        "warm_up": 25,
        "audit_interval": 10,
        "greatest_skips": 8,
        "recorder_steps": 64,
    }


class Decision(Sized):
    """trimtab_decision."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("action", c_int32),
        ("verdict", c_int32),
        ("rule", c_int32),
        ("step", c_int64),
        ("finding_count", c_int64),
        ("new_finding_count", c_int64),
        ("entry", c_int64),
        ("clip_factor", c_double),
        ("gradient_norm", c_double),
        ("loss", c_double),
    ]


class Finding(Sized):
    """trimtab_finding."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("rule", c_int32),
        ("verdict", c_int32),
        ("cause", c_int32),
        ("quantity", c_int32),
        ("is_standing", c_int32),
        ("entry", c_int64),
        ("name", c_char_p),
        ("first_step", c_int64),
        ("last_step", c_int64),
        ("count", c_int64),
        ("index", c_int64),
        ("value", c_double),
        ("threshold", c_double),
        ("confidence", c_double),
        ("before", c_double * 4),
    ]


class Coverage(Sized):
    """trimtab_coverage."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("step_count", c_int64),
        ("look_count", c_int64),
        ("left_out_count", c_int64),
        ("interval", c_int64),
        ("cost_fraction", c_double),
    ]


class LogState(Sized):
    """trimtab_log_state."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("failure", c_int32),
        ("line_count", c_int64),
        ("lost_count", c_int64),
    ]


#: trimtab_objective: user, tape, operands, count, loss.
OBJECTIVE = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, POINTER(c_int64), c_int64, POINTER(c_int64))


class Layer(Sized):
    """trimtab_layer."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("units", c_int64),
        ("kernel", c_int64),
        ("stride", c_int64),
        ("padding", c_int64),
        ("groups", c_int64),
        ("words", c_int64),
        ("activation", c_int32),
        ("normalisation", c_int32),
        ("initialiser", c_int32),
        ("flags", c_uint32),
        ("slope", c_double),
        ("rate", c_double),
        ("epsilon", c_double),
        ("gain", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "kernel": 1,
        "stride": 1,
        "groups": 1,
        "activation": -1,
        "slope": -1.0,
        "rate": -1.0,
        "epsilon": 1e-5,
        "gain": 1.0,
    }


class TrainerOptions(Sized):
    """trimtab_trainer_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("precision", c_int32),
        ("layers", POINTER(Layer)),
        ("layer_count", c_int64),
        ("input_shape", POINTER(c_int64)),
        ("input_rank", c_int64),
        ("seed", c_uint64),
        ("loss", c_int32),
        ("optimizer", c_int32),
        ("learning_rate", c_double),
        ("momentum", c_double),
        ("beta1", c_double),
        ("beta2", c_double),
        ("epsilon", c_double),
        ("smoothing", c_double),
        ("weight_decay", c_double),
        ("schedule", c_int32),
        ("clipping", c_int32),
        ("warm_up_steps", c_int64),
        ("total_steps", c_int64),
        ("step_size", c_int64),
        ("decay", c_double),
        ("minimum_factor", c_double),
        ("maximum_norm", c_double),
        ("average_decay", c_double),
        ("leak_start", c_double),
        ("leak_end", c_double),
        ("leak_time", c_double),
        ("objective", OBJECTIVE),
        ("user", c_void_p),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "learning_rate": 0.01,
        "momentum": 0.9,
        "beta1": 0.9,
        "beta2": 0.999,
        "epsilon": 1e-8,
        "smoothing": 0.99,
        "decay": 0.1,
        "maximum_norm": 1.0,
        "leak_start": 0.3,
        "leak_end": 0.01,
        "leak_time": 200.0,
    }


class TrainerReport(Sized):
    """trimtab_trainer_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("action", c_int32),
        ("step", c_int64),
        ("loss", c_double),
        ("gradient_norm", c_double),
        ("learning_rate", c_double),
        ("clip_factor", c_double),
        ("is_taken", c_int32),
        ("has_constant_targets", c_int32),
    ]


class EvaluationReport(Sized):
    """trimtab_evaluation_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("loss", c_double),
        ("accuracy", c_double),
        ("count", c_int64),
    ]


class SharpnessOptions(Sized):
    """trimtab_sharpness_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("is_preconditioned", c_int32),
        ("greatest_iterations", c_int64),
        ("trace_samples", c_int64),
        ("tolerance", c_double),
        ("seed", c_uint64),
    ]
    defaults: ClassVar[dict[str, float]] = {"greatest_iterations": 40, "tolerance": 1e-3}


class SharpnessReport(Sized):
    """trimtab_sharpness_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("largest_eigenvalue", c_double),
        ("residual_bound", c_double),
        ("threshold", c_double),
        ("index", c_double),
        ("trace", c_double),
        ("trace_error", c_double),
        ("iterations", c_int64),
        ("is_converged", c_int32),
        ("reserved", c_int32),
    ]


class RunCourse(ctypes.Structure):
    """trimtab_run_course."""

    _fields_: ClassVar[Any] = [("initial_loss", c_double), ("greatest_loss", c_double), ("final_loss", c_double)]


#: trimtab_rate_step: user, rate, loss.
RATE_STEP = ctypes.CFUNCTYPE(c_int32, c_void_p, c_double, POINTER(c_double))
#: trimtab_training_run: user, seed, peak rate, warm-up steps, course.
TRAINING_RUN = ctypes.CFUNCTYPE(c_int32, c_void_p, c_uint64, c_double, c_int64, POINTER(RunCourse))


class RateRangeOptions(Sized):
    """trimtab_rate_range_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("lowest_rate", c_double),
        ("highest_rate", c_double),
        ("step_count", c_int64),
        ("smoothing", c_double),
        ("greatest_rise", c_double),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "lowest_rate": 1e-7,
        "highest_rate": 10.0,
        "step_count": 100,
        "smoothing": 0.98,
        "greatest_rise": 4.0,
    }


class RateRangeReport(Sized):
    """trimtab_rate_range_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("divergence_rate", c_double),
        ("steepest_rate", c_double),
        ("suggested_rate", c_double),
        ("best_loss", c_double),
        ("steps", c_int64),
    ]


class PeakRateOptions(Sized):
    """trimtab_peak_rate_options."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("lowest_rate", c_double),
        ("highest_rate", c_double),
        ("bisections", c_int64),
        ("seed_count", c_int64),
        ("first_seed", c_uint64),
        ("warm_up_steps", c_int64),
    ]
    defaults: ClassVar[dict[str, float]] = {
        "lowest_rate": 1e-7,
        "highest_rate": 10.0,
        "bisections": 12,
        "seed_count": 6,
        "first_seed": 1,
    }


class PeakRateReport(Sized):
    """trimtab_peak_rate_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("rate", c_double),
        ("least_rate", c_double),
        ("greatest_rate", c_double),
        ("seed_count", c_int64),
        ("seeds_above", c_int64),
        ("seeds_below", c_int64),
        ("run_count", c_int64),
    ]


class WarmUpReport(Sized):
    """trimtab_warm_up_report."""

    _fields_: ClassVar[Any] = [
        ("struct_size", c_uint32),
        ("outcome", c_int32),
        ("steps", c_int64),
        ("run_count", c_int64),
    ]


C_NAMES: dict[str, type[ctypes.Structure]] = {
    "trimtab_device": Device,
    "trimtab_dtype": DType,
    "trimtab_tensor": Tensor,
    "trimtab_summary": Summary,
    "trimtab_conditioning_options": ConditioningOptions,
    "trimtab_conditioning_report": ConditioningReport,
    "trimtab_conditioning_advice_report": ConditioningAdviceReport,
    "trimtab_matrix_options": MatrixOptions,
    "trimtab_matrix_report": MatrixReport,
    "trimtab_whitening_options": WhiteningOptions,
    "trimtab_activity_options": ActivityOptions,
    "trimtab_activity_report": ActivityReport,
    "trimtab_revival_report": RevivalReport,
    "trimtab_drift_options": DriftOptions,
    "trimtab_drift_report": DriftReport,
    "trimtab_gradient_options": GradientOptions,
    "trimtab_gradient_report": GradientReport,
    "trimtab_detector_options": DetectorOptions,
    "trimtab_detector_result": DetectorResult,
    "trimtab_entry": Entry,
    "trimtab_rule_options": RuleOptions,
    "trimtab_monitor_options": MonitorOptions,
    "trimtab_decision": Decision,
    "trimtab_finding": Finding,
    "trimtab_coverage": Coverage,
    "trimtab_log_state": LogState,
    "trimtab_layer": Layer,
    "trimtab_trainer_options": TrainerOptions,
    "trimtab_trainer_report": TrainerReport,
    "trimtab_evaluation_report": EvaluationReport,
    "trimtab_sharpness_options": SharpnessOptions,
    "trimtab_sharpness_report": SharpnessReport,
    "trimtab_run_course": RunCourse,
    "trimtab_rate_range_options": RateRangeOptions,
    "trimtab_rate_range_report": RateRangeReport,
    "trimtab_peak_rate_options": PeakRateOptions,
    "trimtab_peak_rate_report": PeakRateReport,
    "trimtab_warm_up_report": WarmUpReport,
}
