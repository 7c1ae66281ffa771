"""The words that every report shares: outcome, verdict and cause."""

from __future__ import annotations

from enum import Enum

from ._errors import INVALID_ARGUMENT, refusal
from ._library import library


class _Word(str, Enum):
    """A string with the code that C knows it by."""

    code: int

    def __new__(cls, key: str, code: int) -> _Word:
        word = str.__new__(cls, key)
        word._value_ = key
        word.code = code
        return word

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, specification: str) -> str:
        return format(self.value, specification)


class Outcome(_Word):
    """Whether a report's measurements could be taken."""

    OK = "ok", 0
    #: Too little data to tell.
    INSUFFICIENT = "insufficient", 1
    #: The data make the quantity meaningless: all constant, no feature, one class.
    DEGENERATE = "degenerate", 2
    #: NaN or Inf stand where a value was needed.
    NONFINITE = "nonfinite", 3


class Verdict(_Word):
    """What the measurements mean. Ordered: `report.verdict >= Verdict.WARNING`."""

    #: Could not be judged; the outcome says why.
    UNKNOWN = "unknown", -1
    HEALTHY = "healthy", 0
    #: Worth knowing, not a fault.
    NOTICE = "notice", 1
    WARNING = "warning", 2
    CRITICAL = "critical", 3

    # Without these, verdicts would be ordered as strings: "critical" < "healthy".
    def __lt__(self, other: str) -> bool:
        return self.code < _verdict_code(other)

    def __le__(self, other: str) -> bool:
        return self.code <= _verdict_code(other)

    def __gt__(self, other: str) -> bool:
        return self.code > _verdict_code(other)

    def __ge__(self, other: str) -> bool:
        return self.code >= _verdict_code(other)


def _verdict_code(word: str) -> int:
    for verdict in Verdict:
        if verdict.value == word:
            return verdict.code
    words = ", ".join(verdict.value for verdict in Verdict)
    raise refusal(INVALID_ARGUMENT, f"verdict: found {word!r}, allowed {words}")


class Cause(_Word):
    """The likely cause behind a verdict."""

    #: A cause that this version of the package has no word for.
    UNKNOWN = "unknown", -1
    NONE = "none", 0
    FEATURE_SCALE = "feature_scale", 100
    FEATURE_CORRELATION = "feature_correlation", 101
    CONSTANT_FEATURE = "constant_feature", 102
    TOO_FEW_SAMPLES = "too_few_samples", 103
    REDUNDANT_FEATURE = "redundant_feature", 104
    RANK_DEFICIENT = "rank_deficient", 110
    ZERO_STRUCTURE = "zero_structure", 111
    LEARNING_RATE_TOO_HIGH = "learning_rate_too_high", 200
    UNSCALED_INPUT = "unscaled_input", 201
    NEGATIVE_BIAS = "negative_bias", 202
    SATURATION = "saturation", 203
    DORMANT_UNITS = "dormant_units", 204
    SILENT_INPUT = "silent_input", 205
    UNSTABLE_TARGETS = "unstable_targets", 300
    TARGET_OSCILLATION = "target_oscillation", 301
    CLASS_COLLAPSE = "class_collapse", 302
    EMPTY_GATE = "empty_gate", 303
    NONFINITE_GRADIENT = "nonfinite_gradient", 400
    VANISHING_GRADIENT = "vanishing_gradient", 401
    EXPLODING_GRADIENT = "exploding_gradient", 402
    ZERO_GRADIENT = "zero_gradient", 403
    TINY_GRADIENT = "tiny_gradient", 404
    NONFINITE_ACTIVATION = "nonfinite_activation", 500
    NONFINITE_LOSS = "nonfinite_loss", 501
    NONFINITE_WEIGHT = "nonfinite_weight", 502
    RANGE_OVERFLOW = "range_overflow", 503
    RANGE_UNDERFLOW = "range_underflow", 504
    SMALL_INITIALISATION = "small_initialisation", 510
    LARGE_INITIALISATION = "large_initialisation", 511
    LEARNING_RATE_TOO_LOW = "learning_rate_too_low", 512
    FROZEN_PARAMETER = "frozen_parameter", 520
    MISSING_GRADIENT = "missing_gradient", 521
    MISSING_OPTIMIZER_STEP = "missing_optimizer_step", 522
    WEIGHTS_LOST = "weights_lost", 523
    GRADIENT_NOT_CLEARED = "gradient_not_cleared", 524
    BAD_BATCH = "bad_batch", 530
    DIVERGENCE = "divergence", 531
    PLATEAU = "plateau", 532
    OSCILLATION = "oscillation", 533
    OVERFITTING = "overfitting", 534
    CLIPPING_RULES = "clipping_rules", 535
    NOISE_DOMINATED = "noise_dominated", 536
    LOGIT_GROWTH = "logit_growth", 540
    ATTENTION_COLLAPSE = "attention_collapse", 541
    WIDTH_SCALING = "width_scaling", 542
    RANK_COLLAPSE = "rank_collapse", 543
    SKIPPED_TOO_OFTEN = "skipped_too_often", 550
    STALLED = "stalled", 551
    NODE_SCALE = "node_scale", 570
    PER_FEATURE_SCALE = "per_feature_scale", 571
    NODE_AND_FEATURE_SCALE = "node_and_feature_scale", 572
    OUTLIER_SCALE = "outlier_scale", 573
    NO_OVERLAP = "no_overlap", 574
    BATCH_DEPENDENCE = "batch_dependence", 580
    BATCH_SHORTCUT = "batch_shortcut", 581
    BATCH_BLINDING = "batch_blinding", 582
    UNFROZEN_FUNCTION = "unfrozen_function", 583
    NO_ADVERSARIAL_SIGNAL = "no_adversarial_signal", 584
    NO_PIXEL_SIGNAL = "no_pixel_signal", 585
    WEAK_ADVERSARY = "weak_adversary", 586
    STRONG_ADVERSARY = "strong_adversary", 587
    BLURRED_OUTPUT = "blurred_output", 588
    UNSTABLE_GAME = "unstable_game", 589
    EXPOSURE_BIAS = "exposure_bias", 590
    POSTERIOR_COLLAPSE = "posterior_collapse", 591
    MODE_COLLAPSE = "mode_collapse", 592
    BLURRED_SAMPLES = "blurred_samples", 593
    TOO_FEW_STEPS = "too_few_steps", 594
    FEWER_SAMPLES_THAN_NEIGHBOURS = "fewer_samples_than_neighbours", 595
    NONSMOOTH_FIELD = "nonsmooth_field", 600
    DISCONTINUOUS_FIELD = "discontinuous_field", 601
    LIMITED_SMOOTHNESS = "limited_smoothness", 602
    REJECTED_STEPS = "rejected_steps", 603
    STEP_UNDERFLOW = "step_underflow", 604
    NONFINITE_FIELD = "nonfinite_field", 605
    EVALUATION_LIMIT = "evaluation_limit", 606
    WEIGHTS_LOST_AT_RESUME = "weights_lost_at_resume", 620
    OPTIMIZER_STATE_LOST = "optimizer_state_lost", 621
    SCHEDULE_RESTARTED = "schedule_restarted", 622
    HIDDEN_NONFINITE = "hidden_nonfinite", 623
    MISSING_STEPS = "missing_steps", 624
    REPEATED_STEPS = "repeated_steps", 625
    BACKWARD_STEPS = "backward_steps", 626
    LOSS_SCALE_COLLAPSE = "loss_scale_collapse", 627
    LEVEL_SHIFT = "level_shift", 628
    UPWARD_DRIFT = "upward_drift", 629
    CONSTANT_LOSS = "constant_loss", 630
    NOTHING_LEARNT = "nothing_learnt", 631
    LOSS_ENDS = "loss_ends", 632
    OUTPUT_ACTIVATION = "output_activation", 640
    WRONG_LOSS = "wrong_loss", 641
    SUMMED_LOSS = "summed_loss", 642
    BROADCAST_LOSS = "broadcast_loss", 643
    UNSCALED_TARGET = "unscaled_target", 644
    GRADIENT_ASCENT = "gradient_ascent", 645
    REPEATED_BATCH = "repeated_batch", 646
    BATCH_OF_ONE = "batch_of_one", 647
    EVALUATION_MODE = "evaluation_mode", 648
    WEIGHT_DECAY_TOO_STRONG = "weight_decay_too_strong", 649
    DROPOUT_TOO_STRONG = "dropout_too_strong", 650
    OPTIMIZER_EPSILON = "optimizer_epsilon", 651
    UNRELATED_TARGETS = "unrelated_targets", 660
    TARGET_MISMATCH = "target_mismatch", 661
    CONSTANT_INITIALISATION = "constant_initialisation", 662

    @property
    def text(self) -> str:
        """One sentence that says what the cause is; empty for `NONE`."""
        return _sentence(library.trimtab_cause_text(self.code))

    @property
    def cure(self) -> str:
        """One sentence that says what cures it; empty where nothing needs curing."""
        return _sentence(library.trimtab_cure_text(self.code))

    @property
    def check(self) -> str:
        """One sentence that says how to check that this is the cause; empty where there is none."""
        return _sentence(library.trimtab_check_text(self.code))


def _sentence(text: bytes) -> str:
    return text.decode()


_OUTCOMES = {word.code: word for word in Outcome}
_VERDICTS = {word.code: word for word in Verdict}
_CAUSES = {word.code: word for word in Cause}


def outcome(code: int) -> Outcome:
    """The outcome that C wrote."""
    return _OUTCOMES[code]


def verdict(code: int) -> Verdict:
    """The verdict that C wrote."""
    return _VERDICTS[code]


def cause(code: int) -> Cause:
    """The cause that C wrote; `Cause.UNKNOWN` if it is of a newer library."""
    return _CAUSES.get(code, Cause.UNKNOWN)
