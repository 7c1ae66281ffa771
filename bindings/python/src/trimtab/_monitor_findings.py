"""What a monitor has found: findings and their rules, coverage, the log and the flight record."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from . import _options, _words
from . import _structures as structures
from ._errors import INVALID_ARGUMENT, check, refusal
from ._library import library
from ._monitor_handle import MonitorHandle, encoded_path
from ._monitor_words import QUANTITIES, Coverage, Finding, LogState, rule_code

if TYPE_CHECKING:
    import os


class MonitorFindings(MonitorHandle):
    """Says what went wrong so far, sets what counts as wrong, and writes it to files."""

    def noise(self) -> tuple[float, float]:
        """Gradient noise scale, and signal-to-noise ratio at the big batch; NaN before the first observation."""
        scale, ratio = ctypes.c_double(), ctypes.c_double()
        with self._lock:
            check(library.trimtab_monitor_noise(self._pointer, ctypes.byref(scale), ctypes.byref(ratio)))
        return scale.value, ratio.value

    def spectrum(self, entry: int | str) -> tuple[float, float, float]:
        """Spectral norm, stable rank and effective rank of a weight at its last look; NaN where not measured."""
        found = [ctypes.c_double() for _ in range(3)]
        with self._lock:
            check(
                library.trimtab_monitor_spectrum(
                    self._pointer, self._index(entry), *(ctypes.byref(one) for one in found)
                )
            )
        return found[0].value, found[1].value, found[2].value

    def findings(self) -> list[Finding]:
        """What went wrong so far; the first is the first that did."""
        count = ctypes.c_int64()
        with self._lock:
            check(library.trimtab_monitor_finding_count(self._pointer, ctypes.byref(count)))
            return [self._finding(index) for index in range(count.value)]

    def diagnosis(self) -> list[Finding]:
        """The same findings, the likeliest root cause first, what follows from it after it, notices last."""
        count = ctypes.c_int64()
        with self._lock:
            check(library.trimtab_monitor_finding_count(self._pointer, ctypes.byref(count)))
            places = (ctypes.c_int64 * max(count.value, 1))()
            check(library.trimtab_monitor_diagnosis(self._pointer, count.value, places, ctypes.byref(count)))
            return [self._finding(places[place]) for place in range(count.value)]

    def _finding(self, index: int) -> Finding:
        structure = structures.Finding()
        check(library.trimtab_monitor_finding(self._pointer, index, ctypes.byref(structure)))
        return Finding(
            rule=library.trimtab_rule_name(structure.rule).decode(),
            verdict=_words.verdict(structure.verdict),
            cause=_words.cause(structure.cause),
            quantity=QUANTITIES[structure.quantity] if structure.quantity >= 0 else None,
            is_standing=bool(structure.is_standing),
            entry=structure.entry,
            name=structure.name.decode(errors="replace"),
            first_step=structure.first_step,
            last_step=structure.last_step,
            count=structure.count,
            index=structure.index,
            value=structure.value,
            threshold=structure.threshold,
            confidence=structure.confidence,
            before=tuple(structure.before),
        )

    def rule(self, name: str) -> dict[str, Any]:
        """The switches of a rule: is_enabled, patience, warning and critical."""
        structure = structures.RuleOptions()
        with self._lock:
            check(library.trimtab_monitor_rule(self._pointer, rule_code(name), ctypes.byref(structure)))
        return {
            "is_enabled": bool(structure.is_enabled),
            "patience": structure.patience,
            "warning": structure.warning,
            "critical": structure.critical,
        }

    def set_rule(self, name: str, **switches: Any) -> None:
        """Sets some switches of a rule, between steps: is_enabled, patience, warning, critical."""
        merged = self.rule(name)
        for key, value in switches.items():
            if key not in merged:
                raise refusal(INVALID_ARGUMENT, f"switches: found {key!r}, allowed {', '.join(merged)}")
            merged[key] = value
        structure = structures.RuleOptions()
        structure.is_enabled = int(bool(merged["is_enabled"]))
        structure.patience = _options.integer("patience", merged["patience"])
        structure.warning = _options.number("warning", merged["warning"])
        structure.critical = _options.number("critical", merged["critical"])
        with self._lock:
            check(library.trimtab_monitor_set_rule(self._pointer, rule_code(name), ctypes.byref(structure)))

    def silence(self, rule: str | None, entry: int | str) -> None:
        """Keeps a rule (None: all) silent about an entry (-1: the run as a whole)."""
        code = -1 if rule is None else rule_code(rule)
        with self._lock:
            check(library.trimtab_monitor_silence(self._pointer, code, self._index(entry)))

    def coverage(self, entry: int | str, quantity: str) -> Coverage:
        """How much of a quantity of an entry was looked at."""
        structure = structures.Coverage()
        code = _options.named("quantity", quantity, QUANTITIES)
        with self._lock:
            check(library.trimtab_monitor_coverage(self._pointer, self._index(entry), code, ctypes.byref(structure)))
        return Coverage(
            structure.step_count,
            structure.look_count,
            structure.left_out_count,
            structure.interval,
            structure.cost_fraction,
        )

    def log(self, path: str | os.PathLike[str] | None) -> None:
        """Appends a line of JSON for each step and each new finding to a file; None ends it.

        Errors: OSError if the file cannot be opened. A failure later does not stop the run: see `log_state`.
        """
        with self._lock:
            check(library.trimtab_monitor_log(self._pointer, None if path is None else encoded_path(path)))

    def log_state(self) -> LogState:
        """What the log has come to."""
        structure = structures.LogState()
        with self._lock:
            check(library.trimtab_monitor_log_state(self._pointer, ctypes.byref(structure)))
        return LogState(structure.failure, structure.line_count, structure.lost_count)

    def write_record(self, path: str | os.PathLike[str]) -> None:
        """Writes what the flight recorder holds; the file is replaced only when the new one is whole and on disk."""
        with self._lock:
            check(library.trimtab_monitor_write_record(self._pointer, encoded_path(path)))

    def record_to(self, path: str | os.PathLike[str] | None) -> None:
        """Writes the record there by itself at the first critical finding from now on, and keeps it; None ends that."""
        with self._lock:
            check(library.trimtab_monitor_record_to(self._pointer, None if path is None else encoded_path(path)))
