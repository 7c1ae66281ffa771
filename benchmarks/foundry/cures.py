"""What a user does who takes a cause's advice: the choices that it changes in the program, whatever its fault is.

What the advice does not say is not tried, though it would undo the fault; nor is what these programs have no choice
for (minibatch statistics): there the advice counts as one that did not cure, unless another part of it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .recipe import Recipe


def _choices(**choices: Any) -> Callable[[Recipe], Recipe]:
    return lambda recipe: recipe.changed(**choices)


def _right_clip(recipe: Recipe) -> Recipe:
    return recipe.changed(clip=None if recipe.clip is not None and recipe.clip < 0.1 else recipe.clip)


def _own_loss(recipe: Recipe) -> Recipe:
    return recipe.changed(loss="own", output="linear")


def _linear_output(recipe: Recipe) -> Recipe:
    """The activation goes; one unit behind a binary loss gets its sigmoid."""
    return recipe.changed(output="sigmoid" if recipe.loss == "bce" else "linear")


#: Confident samples only, labelled by an averaged teacher.
STEADY_LABELS = (
    _choices(gate=0.95),
    _choices(teacher=0.99),
    _choices(gate=0.95, teacher=0.99),
    lambda recipe: recipe.changed(gate=0.95, teacher=0.99, lr=recipe.lr / 10),
)
#: Their norms, the scale of their products, and the rate.
CALM_LOGITS = (
    _choices(query_key_norm=True),
    _choices(logit_factor=1.0, query_key_norm=True),
    lambda recipe: recipe.changed(lr=recipe.lr / 10),
)
#: By cause: recipes to try in turn, since "lower the rate, by 10 to start" is a search.
CURES: dict[str, tuple[Callable[[Recipe], Recipe], ...]] = {
    "learning_rate_too_high": (
        lambda recipe: recipe.changed(lr=recipe.lr / 10),
        lambda recipe: recipe.changed(lr=recipe.lr / 100),
        lambda recipe: recipe.changed(lr=recipe.lr / 1000),
    ),
    "learning_rate_too_low": (
        lambda recipe: recipe.changed(lr=recipe.lr * 10),
        lambda recipe: recipe.changed(lr=recipe.lr * 100),
        lambda recipe: recipe.changed(lr=recipe.lr * 1000),
    ),
    "divergence": (lambda recipe: recipe.changed(lr=recipe.lr / 2), lambda recipe: recipe.changed(lr=recipe.lr / 10)),
    "oscillation": (lambda recipe: recipe.changed(lr=recipe.lr / 2), lambda recipe: recipe.changed(lr=recipe.lr / 10)),
    "exploding_gradient": (
        lambda recipe: recipe.changed(clip=1.0, lr=recipe.lr / 10),
        _choices(init="default", clip=1.0),
        _choices(norm="layer"),
        lambda recipe: recipe.changed(gain=1.0) if recipe.get("gain") else recipe,
    ),
    "vanishing_gradient": (
        _choices(init="he", norm="batch"),
        _choices(init="default", norm="layer", activation="relu"),
    ),
    "tiny_gradient": (_choices(init="default", norm="layer"),),
    "zero_gradient": (_choices(init="default", hidden_bias=0.0),),
    "silent_input": (_choices(init="default", hidden_bias=0.0),),
    "negative_bias": (_choices(hidden_bias=0.0), _choices(hidden_bias=0.0, activation="leaky_relu")),
    "saturation": (
        _choices(init="xavier"),
        _choices(init="xavier", norm="batch"),
        lambda recipe: recipe.changed(lr=recipe.lr / 10),
    ),
    "small_initialisation": (_choices(init="he"), _choices(init="xavier"), _choices(init="default", norm="batch")),
    "large_initialisation": (_choices(init="default"), _choices(init="he"), _choices(init="xavier")),
    "constant_initialisation": (_choices(init="default"), _choices(init="he")),
    "unscaled_input": (_choices(normalises=True, feature_factor=1.0),),
    "feature_scale": (_choices(normalises=True, feature_factor=1.0),),
    "unscaled_target": (_choices(target_scale=1.0, target_offset=0.0),),
    "unrelated_targets": (_choices(labels="right"),),
    "target_mismatch": (_choices(labels="right"),),
    "bad_batch": (_choices(bad_batch_at=None),),
    "repeated_batch": (_choices(repeats_batch=False),),
    "output_activation": (_linear_output,),
    "wrong_loss": (_own_loss,),
    "summed_loss": (_choices(reduction="mean"),),
    "broadcast_loss": (_choices(broadcasts=False),),
    "gradient_ascent": (_choices(loss_sign=1),),
    "gradient_not_cleared": (_choices(clears_gradients=True),),
    "missing_optimizer_step": (_choices(takes_steps=True),),
    "frozen_parameter": (_choices(frozen=(), forgotten=(), detaches=False),),
    "missing_gradient": (_choices(frozen=(), forgotten=(), detaches=False),),
    "batch_of_one": (_choices(batch_size=32, accumulation=1),),
    "evaluation_mode": (_choices(mode="right"),),
    "weight_decay_too_strong": (
        lambda recipe: recipe.changed(weight_decay=recipe.weight_decay / 100),
        lambda recipe: recipe.changed(weight_decay=recipe.weight_decay / 1000),
    ),
    "dropout_too_strong": (_choices(dropout=0.1),),
    "optimizer_epsilon": (_choices(epsilon=1e-8),),
    "optimizer_state_lost": (_choices(loses_state_at=None),),
    "clipping_rules": (_right_clip,),
    "range_underflow": (_choices(precision="float16_scaled"), _choices(precision="bfloat16")),
    "range_overflow": (_choices(precision="bfloat16"),),
    "nonfinite_gradient": (_choices(precision="float32"), lambda recipe: recipe.changed(lr=recipe.lr / 10)),
    "nonfinite_loss": (_choices(precision="float32"), lambda recipe: recipe.changed(lr=recipe.lr / 10)),
    "nonfinite_activation": (_choices(precision="float32"), lambda recipe: recipe.changed(lr=recipe.lr / 10)),
    "logit_growth": CALM_LOGITS,
    "attention_collapse": (
        _choices(query_key_norm=True),
        lambda recipe: recipe.changed(lr=recipe.lr / 10),
        _choices(schedule="warm_up"),
    ),
    "posterior_collapse": (_choices(beta=1.0),),
    "mode_collapse": (
        _choices(code_deviation=1.0),
        _choices(generator_weight=0.3),
        _choices(generator_weight=0.1),
    ),
    "unstable_targets": STEADY_LABELS,
    "target_oscillation": STEADY_LABELS,
    "class_collapse": STEADY_LABELS,
}


def cured(recipe: Recipe, cause: str) -> list[Recipe]:
    """The programs to try for a cause; none where its advice is to look, and nothing to change."""
    return [recipe_of(recipe) for recipe_of in CURES.get(cause, ())]
