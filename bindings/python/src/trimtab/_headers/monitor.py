"""monitor.h."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_uint32
from typing import Any, ClassVar

from ._common import Bytes, Doubles, Integers, Signature, Sized, Status
from .summary import Summary
from .tensor import Tensor


class Monitor(ctypes.Structure):
    """An opaque trimtab_monitor."""


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


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    "trimtab_entry": Entry,
    "trimtab_rule_options": RuleOptions,
    "trimtab_monitor_options": MonitorOptions,
    "trimtab_decision": Decision,
    "trimtab_finding": Finding,
    "trimtab_coverage": Coverage,
    "trimtab_log_state": LogState,
}
CALLBACKS: dict[str, Any] = {}
SIGNATURES: dict[str, Signature] = {
    "trimtab_monitor_create": (Status, (POINTER(MonitorOptions), POINTER(POINTER(Monitor)))),
    "trimtab_monitor_destroy": (None, (POINTER(Monitor),)),
    "trimtab_monitor_register": (Status, (POINTER(Monitor), c_char_p, POINTER(Entry), Integers)),
    "trimtab_monitor_find": (Status, (POINTER(Monitor), c_char_p, Integers)),
    "trimtab_monitor_rule": (Status, (POINTER(Monitor), c_int32, POINTER(RuleOptions))),
    "trimtab_monitor_set_rule": (Status, (POINTER(Monitor), c_int32, POINTER(RuleOptions))),
    "trimtab_monitor_silence": (Status, (POINTER(Monitor), c_int32, c_int64)),
    "trimtab_monitor_begin_step": (Status, (POINTER(Monitor), c_int64)),
    "trimtab_monitor_wants": (Status, (POINTER(Monitor), c_int64, c_int32, POINTER(c_int32))),
    "trimtab_monitor_observe": (Status, (POINTER(Monitor), c_int64, c_int32, POINTER(Tensor))),
    "trimtab_monitor_wants_all": (
        Status,
        (POINTER(Monitor), Integers, POINTER(c_int32), c_int64, Bytes),
    ),
    "trimtab_monitor_observe_all": (Status, (POINTER(Monitor), Integers, POINTER(c_int32), POINTER(Tensor), c_int64)),
    "trimtab_monitor_observe_summary": (Status, (POINTER(Monitor), c_int64, c_int32, c_int32, POINTER(Summary))),
    "trimtab_monitor_observe_sample": (Status, (POINTER(Monitor), c_int64, c_int32, c_int64, POINTER(Tensor))),
    "trimtab_monitor_observe_scalars": (
        Status,
        (POINTER(Monitor), POINTER(c_int32), Doubles, c_int64),
    ),
    "trimtab_monitor_step": (
        Status,
        (
            POINTER(Monitor),
            c_int64,
            POINTER(c_int32),
            Doubles,
            c_int64,
            Integers,
            POINTER(c_int32),
            POINTER(Tensor),
            c_int64,
            Bytes,
            POINTER(Decision),
        ),
    ),
    "trimtab_monitor_observe_scalar": (Status, (POINTER(Monitor), c_int32, c_double)),
    "trimtab_monitor_observe_noise": (Status, (POINTER(Monitor), c_double, c_double, c_double, c_double)),
    "trimtab_monitor_observe_width": (Status, (POINTER(Monitor), c_int64, c_int64, c_double)),
    "trimtab_monitor_end_step": (Status, (POINTER(Monitor), POINTER(Decision))),
    "trimtab_monitor_clip_factor": (Status, (POINTER(Monitor), c_int64, Doubles)),
    "trimtab_monitor_restored": (Status, (POINTER(Monitor), c_int64)),
    "trimtab_monitor_keep": (Status, (POINTER(Monitor), POINTER(Tensor), c_int64, c_int64)),
    "trimtab_monitor_restore": (Status, (POINTER(Monitor), POINTER(Tensor), c_int64, Integers)),
    "trimtab_monitor_diagnosis": (Status, (POINTER(Monitor), c_int64, Integers, Integers)),
    "trimtab_monitor_finding_count": (Status, (POINTER(Monitor), Integers)),
    "trimtab_monitor_finding": (Status, (POINTER(Monitor), c_int64, POINTER(Finding))),
    "trimtab_monitor_coverage": (Status, (POINTER(Monitor), c_int64, c_int32, POINTER(Coverage))),
    "trimtab_monitor_noise": (Status, (POINTER(Monitor), Doubles, Doubles)),
    "trimtab_monitor_spectrum": (Status, (POINTER(Monitor), c_int64, Doubles, Doubles, Doubles)),
    "trimtab_monitor_log": (Status, (POINTER(Monitor), c_char_p)),
    "trimtab_monitor_log_state": (Status, (POINTER(Monitor), POINTER(LogState))),
    "trimtab_monitor_write_record": (Status, (POINTER(Monitor), c_char_p)),
    "trimtab_monitor_record_to": (Status, (POINTER(Monitor), c_char_p)),
    "trimtab_rule_name": (c_char_p, (c_int32,)),
    "trimtab_rule_published_name": (c_char_p, (c_int32,)),
    "trimtab_action_name": (c_char_p, (c_int32,)),
    "trimtab_quantity_name": (c_char_p, (c_int32,)),
}
