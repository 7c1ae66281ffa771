"""What watches a training step: Trimtab, its peers, and what people write by hand."""

from __future__ import annotations

import os
import tempfile
import time
from typing import Any

import torch
from jobs import BATCH, Job


class Contender:
    """A step of training with something beside it; alone it is the plain step."""

    def __init__(self, job: Job) -> None:
        self.job = job
        #: Seconds of the processor that it spent itself, all on the training thread; None where that is not measured.
        self.own: float | None = None

    def before_forward(self) -> None:
        pass

    def backward(self, loss: torch.Tensor) -> None:
        loss.backward()

    def before_optimizer(self, loss: torch.Tensor) -> None:
        pass

    def optimize(self, loss: torch.Tensor) -> None:
        self.job.optimizer.step()

    def after_optimizer(self, loss: torch.Tensor) -> None:
        pass

    def done(self) -> str:
        """After the last step: what there is to say."""
        return ""


class Timed:
    """A hook with a watch around it."""

    def __init__(self, hook: Any, contender: Contender) -> None:
        self.hook = hook
        self.contender = contender

    def __call__(self, *arguments: Any) -> Any:
        start = time.thread_time()
        result = self.hook(*arguments)
        self.contender.own = (self.contender.own or 0) + time.thread_time() - start
        return result


class Trimtab(Contender):
    """Every quantity, every step, every rule at its default cadence; no budget."""

    budget = 0.0

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        import trimtab.torch

        self.watch = trimtab.torch.watch(job.model, job.optimizer, budget=self.budget)
        self.own = 0.0

    def time_hooks(self) -> None:
        """A watch lays out its hooks in the first step."""
        for module in self.job.model.modules():
            for hooks in (module._forward_pre_hooks, module._forward_hooks):
                for key, hook in hooks.items():
                    if not isinstance(hook, Timed):
                        hooks[key] = Timed(hook, self)

    def before_forward(self) -> None:
        # It may also change them, every so many steps.
        self.time_hooks()

    def before_optimizer(self, loss: torch.Tensor) -> None:
        start = time.thread_time()
        self.watch.step(loss)
        self.own = (self.own or 0) + time.thread_time() - start

    def done(self) -> str:
        if self.watch.fault is not None:
            return f"stopped: {self.watch.fault}"
        monitor = self.watch.monitor
        covered = [
            f"{name} 1 in {monitor.coverage(place, quantity).interval}"
            for place, name in enumerate(monitor.names)
            for quantity in ("gradient", "weight", "preactivation", "output")
            if monitor.coverage(place, quantity).look_count and monitor.coverage(place, quantity).interval > 1
        ]
        return f"{self.watch.report().splitlines()[0]}; {', '.join(covered)}"


class Governed(Trimtab):
    """The same under its default budget of one percent."""

    budget = 0.01


class ClipGradNorm(Contender):
    def before_optimizer(self, loss: torch.Tensor) -> None:
        torch.nn.utils.clip_grad_norm_(self.job.model.parameters(), 1e9)


class HandWritten(Contender):
    """The share of zeros of each unit after each ReLU, and the norm of each gradient."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.shares: dict[str, torch.Tensor] = {}
        self.norms: dict[str, float] = {}
        for name, module in job.model.named_modules():
            if isinstance(module, torch.nn.ReLU):
                module.register_forward_hook(self.hook(name))

    def hook(self, name: str) -> Any:
        def after(module: Any, arguments: Any, output: torch.Tensor) -> None:
            axes = [axis for axis in range(output.ndim) if axis != 1]
            self.shares[name] = (output.detach() == 0).float().mean(axes)

        return after

    def before_optimizer(self, loss: torch.Tensor) -> None:
        for name, parameter in self.job.model.named_parameters():
            if parameter.grad is not None:
                self.norms[name] = parameter.grad.norm().item()


class DetectAnomaly(Contender):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        torch.autograd.set_detect_anomaly(True)


class ArcVigil(Contender):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        from arc_vigil import BendexMonitor

        self.monitor = BendexMonitor(job.model)

    def before_forward(self) -> None:
        self.monitor.observe(self.job.number)


class StabilityGuard(Contender):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        from stabilityguard import GuardedOptimizer

        folder = tempfile.mkdtemp()
        self.guard = GuardedOptimizer(job.optimizer, job.model, log_every=10**9, verbose=False, log_dir=folder)

    def optimize(self, loss: torch.Tensor) -> None:
        self.guard.step(loss=loss.item())


class Delve(Contender):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        from delve import SaturationTracker

        self.tracker = SaturationTracker(
            os.path.join(tempfile.mkdtemp(), "run"), save_to="csv", modules=job.model, device="cpu", nosave=True
        )


class SMDebug(Contender):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        from smdebug.pytorch import Hook, SaveConfig

        folder = os.path.join(tempfile.mkdtemp(), "run")
        self.hook = Hook(
            out_dir=folder,
            save_config=SaveConfig(save_interval=1),
            include_collections=["weights", "gradients", "biases", "losses", "relu_input"],
        )
        self.hook.register_module(job.model)
        self.hook.register_loss(job.criterion)


class Wandb(Contender):
    def __init__(self, job: Job) -> None:
        super().__init__(job)
        import wandb

        os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=tempfile.mkdtemp())
        self.run = wandb.init(project="overhead", mode="offline")
        wandb.watch(job.model, log="all", log_freq=1)

    def after_optimizer(self, loss: torch.Tensor) -> None:
        self.run.log({"loss": loss.item()})

    def done(self) -> str:
        self.run.finish()
        return ""


class Backpack(Contender):
    """The variance of the gradients over the batch."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        from backpack import backpack, extend
        from backpack.extensions import Variance

        extend(job.model)
        job.criterion = extend(job.criterion)
        self.extensions = lambda: backpack(Variance())

    def backward(self, loss: torch.Tensor) -> None:
        with self.extensions():
            loss.backward()


class Cockpit(Contender):
    """The configuration that its authors call economy, each step."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        from backpack import extend
        from cockpit import Cockpit as Instruments
        from cockpit.utils.configuration import configuration

        extend(job.model)
        job.criterion = extend(job.criterion)
        self.instruments = Instruments(job.model.parameters(), quantities=configuration("economy"))
        self.step = 0

    def backward(self, loss: torch.Tensor) -> None:
        information = {
            "batch_size": BATCH,
            "individual_losses": loss.detach().expand(BATCH),
            "loss": loss,
            "optimizer": self.job.optimizer,
        }
        with self.instruments(self.step, info=information):
            loss.backward(create_graph=self.instruments.create_graph(self.step))
        self.step += 1


CONTENDERS: dict[str, type[Contender]] = {
    "plain again": Contender,
    "trimtab": Trimtab,
    "trimtab, budget 1 %": Governed,
    "clip_grad_norm_": ClipGradNorm,
    "hand-written hooks": HandWritten,
    "arc-vigil": ArcVigil,
    "detect_anomaly": DetectAnomaly,
    "stabilityguard": StabilityGuard,
    "delve": Delve,
    "smdebug": SMDebug,
    "wandb": Wandb,
    "backpack variance": Backpack,
    "cockpit economy": Cockpit,
}
#: Where the package of each lies, if it is not in the common environment.
PACKAGES = {
    "arc-vigil": "arc-vigil",
    "stabilityguard": "stabilityguard",
    "delve": "delve",
    "smdebug": "smdebug",
    "wandb": "wandb",
    "backpack variance": "backpack",
    "cockpit economy": "cockpit",
}
