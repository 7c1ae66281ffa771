"""Callbacks of trainers, against the trainers themselves."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from randomness import SEED

from trimtab import Action

torch = pytest.importorskip("torch", reason="torch is not installed")

nn = torch.nn

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(autouse=True)
def _seeded() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    yield
    torch.set_num_threads(threads)


def pairs(count: int = 512) -> list[Any]:
    inputs = torch.randn(count, 16)
    return [(x, y) for x, y in zip(inputs, (inputs[:, 0] > 0).long() + 2 * (inputs[:, 1] > 0).long(), strict=True)]


def net() -> Any:
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))


# Hugging Face


class Model(nn.Module):  # type: ignore[misc]
    """As the models of transformers are: the loss comes out of it where it is given labels."""

    def __init__(self) -> None:
        super().__init__()
        self.net = net()
        self.call = 0
        self.bad: set[int] = set()
        self.bad_gradient: set[int] = set()

    def forward(self, inputs: Any, labels: Any = None) -> Any:
        scores = self.net(inputs)
        if labels is None:
            return {"logits": scores}
        loss = nn.functional.cross_entropy(scores, labels)
        if self.training:
            self.call += 1
            if self.call in self.bad:
                loss = loss * torch.nan
            if self.call in self.bad_gradient:
                self.net[2].bias.register_hook(Spoil(self))
        return {"loss": loss, "logits": scores}


class Spoil:
    def __init__(self, model: Any) -> None:
        self.model, self.call = model, model.call

    def __call__(self, gradient: Any) -> Any:
        return gradient.clone().index_fill_(0, torch.tensor([3]), torch.nan) if self.model.call == self.call else None


def trainer(tmp_path: Path, model: Any, **arguments: Any) -> tuple[Any, Any]:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("accelerate", reason="accelerate is not installed")
    from trimtab.torch.transformers import WatchCallback

    logging.getLogger("transformers").setLevel(logging.ERROR)
    options = arguments.pop("options", {})
    callback = WatchCallback(budget=0, **options)
    rows = [{"inputs": x, "labels": y} for x, y in pairs()]
    given = {
        "output_dir": str(tmp_path), "max_steps": 60, "per_device_train_batch_size": 16, "learning_rate": 1e-3,
        "report_to": [], "save_strategy": "no", "logging_steps": 5, "use_cpu": True, "disable_tqdm": True,
        "dataloader_pin_memory": False, "remove_unused_columns": False, "seed": SEED % 1000, **arguments,
    }  # fmt: skip
    made = transformers.Trainer(
        model=model, args=transformers.TrainingArguments(**given), train_dataset=rows, eval_dataset=rows[:64],
        callbacks=[callback],
    )  # fmt: skip
    return made, callback


def test_hugging_face_healthy(tmp_path: Path) -> None:
    made, callback = trainer(tmp_path, Model(), eval_strategy="steps", eval_steps=20)
    made.train()
    assert callback.watch.fault is None, callback.watch.fault
    assert callback.watch.findings() == []
    assert callback.watch._step == 60
    assert callback.watch.monitor.coverage("net.1.input", "preactivation").look_count >= 20
    # Nothing is left behind.
    assert not made.model._forward_hooks
    assert not made.model._forward_pre_hooks
    assert made.state.global_step == 60


@pytest.mark.parametrize("accumulate", [1, 3])
def test_hugging_face_sees_gradients_unclipped_and_the_true_loss(tmp_path: Path, accumulate: int) -> None:
    model = Model()
    made, callback = trainer(tmp_path, model, max_grad_norm=1e-3, gradient_accumulation_steps=accumulate, max_steps=20)
    seen, norms, losses = [], [], []

    class Spy(sys.modules["transformers"].TrainerCallback):  # type: ignore[misc, name-defined]
        def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **others: Any) -> None:
            seen.append((callback.watch.decision, sum(losses)))
            losses.clear()
            norms.append(float(nn.utils.get_total_norm([p.grad for p in model.parameters()])))

    plain = made.training_step

    def step(*arguments: Any, **keywords: Any) -> Any:
        losses.append(float(plain(*arguments, **keywords)))
        return torch.tensor(losses[-1])

    made.training_step = step
    made.add_callback(Spy())
    made.train()
    assert len(seen) == 20
    assert all(norm < 1.1e-3 for norm in norms)
    assert all(decision.gradient_norm > 0.01 for decision, _ in seen)
    for decision, loss in seen:
        assert decision.loss == pytest.approx(loss, rel=1e-5)


def test_hugging_face_leaves_out_a_bad_step_and_names_its_origin(tmp_path: Path) -> None:
    model = Model()
    model.bad_gradient = {30}
    made, callback = trainer(tmp_path, model)
    made.train()
    (finding,) = callback.watch.findings()
    # Not the last layer, which clipping has made NaN as well.
    assert (finding.rule, finding.name, finding.index, finding.first_step) == ("nonfinite", "net.2.bias", 3, 30)
    assert all(torch.isfinite(value).all() for value in model.parameters())
    assert made.state.global_step == 60
    shown = [entry["loss"] for entry in made.state.log_history if "loss" in entry]
    assert shown[-1] < shown[0]


def test_hugging_face_is_told_to_stop(tmp_path: Path) -> None:
    model = Model()
    model.bad = set(range(20, 100))
    made, callback = trainer(tmp_path, model)
    made.train()
    assert callback.watch.decision.action is Action.STOP
    assert callback.watch.decision.step == made.state.global_step == 28
    first = callback.watch.findings()[0]
    # The Trainer's own log shows no NaN.
    assert (first.rule, first.cause, first.first_step) == ("nonfinite", "nonfinite_loss", 20)
    assert all(math.isfinite(entry["loss"]) for entry in made.state.log_history if "loss" in entry)
    assert all(torch.isfinite(value).all() for value in model.parameters())


def test_hugging_face_goes_back(tmp_path: Path) -> None:
    model = Model()
    made, callback = trainer(tmp_path, model, options={"snapshots": 10})

    class Ruin(sys.modules["transformers"].TrainerCallback):  # type: ignore[misc, name-defined]
        def on_step_begin(self, args: Any, state: Any, control: Any, **others: Any) -> None:
            if state.global_step == 40:
                with torch.no_grad():
                    model.net[4].weight[0, 0] = torch.nan

    made.add_callback(Ruin())
    made.train()
    assert callback.watch._guard.snapshots.restored_count == 1
    assert all(torch.isfinite(value).all() for value in model.parameters())
    assert made.state.global_step == 60


def test_hugging_face_without_a_loss_in_the_output(tmp_path: Path) -> None:
    made, callback = trainer(tmp_path, Model(), max_steps=10)
    made.compute_loss_func = lambda outputs, labels, **_: nn.functional.cross_entropy(outputs["logits"], labels)
    made.train()
    assert math.isnan(callback.watch.decision.loss)
    assert callback.watch.fault is None
    assert callback.watch._step == 10
    assert callback.watch.decision.gradient_norm > 0


# Lightning


def module(*, bad: Any = (), fused: bool = False, direct: bool = True) -> Any:
    pytest.importorskip("lightning", reason="lightning is not installed")
    import lightning.pytorch as lightning

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = net()
            self.losses: list[float] = []
            self.norms: list[float] = []

        def forward(self, inputs: Any) -> Any:
            return self.net(inputs)

        def training_step(self, batch: Any, index: int) -> Any:
            loss = nn.functional.cross_entropy(self.net(batch[0]) if direct else self(batch[0]), batch[1])
            if len(self.losses) + 1 in bad:
                loss = loss * torch.nan
            self.losses.append(float(loss.detach()))
            return loss

        def validation_step(self, batch: Any, index: int) -> None:
            self.log("val_loss", nn.functional.cross_entropy(self(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            return torch.optim.AdamW(self.parameters(), lr=1e-3, weight_decay=0.1, fused=fused)

    return Module()


def fit(model: Any, tmp_path: Path, steps: int = 60, options: Any = None, **arguments: Any) -> tuple[Any, Any]:
    import lightning.pytorch as lightning

    from trimtab.torch.lightning import WatchCallback

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    callback = WatchCallback(budget=0, **(options or {}))
    callbacks = [callback, *arguments.pop("callbacks", [])]
    made = lightning.Trainer(
        max_steps=steps, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, default_root_dir=tmp_path, callbacks=callbacks,
        **arguments,
    )  # fmt: skip
    made.fit(
        model,
        torch.utils.data.DataLoader(pairs(), batch_size=16, shuffle=True),
        torch.utils.data.DataLoader(pairs(64), batch_size=16),
    )
    return made, callback


@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("direct", [False, True])
def test_lightning_healthy(tmp_path: Path, accumulate: int, direct: bool) -> None:
    model = module(direct=direct)
    made, callback = fit(model, tmp_path, accumulate_grad_batches=accumulate, gradient_clip_val=1e-3)
    assert callback.watch.fault is None, callback.watch.fault
    assert callback.watch.findings() == []
    assert callback.watch._step == made.global_step == 60
    assert callback.watch.decision.loss == pytest.approx(sum(model.losses[-accumulate:]) / accumulate, rel=1e-5)
    # Before the clipping.
    assert callback.watch.decision.gradient_norm > 0.01
    assert "net.1.input#2" not in callback.watch.monitor.names
    assert not model._forward_pre_hooks


def test_lightning_leaves_out_a_bad_step(tmp_path: Path) -> None:
    pytest.importorskip("lightning", reason="lightning is not installed")
    import lightning.pytorch as lightning

    model = module()
    kept: list[Any] = []

    class Spoil(lightning.Callback):  # type: ignore[misc]
        def on_after_backward(self, trainer: Any, pl_module: Any) -> None:
            kept.append([value.detach().clone() for value in pl_module.parameters()])
            if len(kept) == 30:
                pl_module.net[2].weight.grad[3, 4] = torch.nan

    _, callback = fit(model, tmp_path, callbacks=[Spoil()], gradient_clip_val=1.0)
    (finding,) = callback.watch.findings()
    assert (finding.name, finding.first_step, finding.index) == ("net.2.weight", 30, 100)
    assert all(torch.equal(left, right) for left, right in zip(kept[29], kept[30], strict=True))
    assert not torch.equal(kept[30][0], kept[31][0])


def test_lightning_is_told_to_stop(tmp_path: Path) -> None:
    model = module(bad=range(20, 1000))
    made, callback = fit(model, tmp_path)
    assert callback.watch.decision.action is Action.STOP
    assert made.global_step == 28
    assert callback.watch.findings()[0].cause == "nonfinite_loss"
    assert all(torch.isfinite(value).all() for value in model.parameters())


def test_lightning_scaled_losses(tmp_path: Path) -> None:
    pytest.importorskip("lightning", reason="lightning is not installed")
    from lightning.pytorch.plugins import MixedPrecision

    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    model = module()
    plugin = MixedPrecision("16-mixed", "cpu", scaler)
    _, callback = fit(model, tmp_path, plugins=[plugin], steps=20)
    assert callback.watch.fault is None, callback.watch.fault
    assert callback.watch.findings() == []
    assert callback.watch.decision.loss == pytest.approx(model.losses[-1], rel=1e-3)
    assert 0.001 < callback.watch.decision.gradient_norm < 10


def test_neither_is_needed() -> None:
    code = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in ('transformers', 'lightning', 'pytorch_lightning', 'accelerate'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import trimtab.torch\n"
        "for name in ('transformers', 'lightning'):\n"
        "    try:\n"
        "        __import__('trimtab.torch.' + name)\n"
        "    except ImportError as error:\n"
        "        assert 'needs' in str(error), error\n"
        "    else:\n"
        "        raise SystemExit(1)\n"
    )
    with warnings.catch_warnings():
        subprocess.run([sys.executable, "-c", code], check=True)
