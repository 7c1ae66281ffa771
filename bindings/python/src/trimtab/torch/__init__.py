"""Watches a PyTorch model.

watch = trimtab.torch.watch(model, optimizer)
...
loss.backward()
verdict = watch.step(loss)      # before optimizer.step(); guard=True makes the optimizer obey it
print(watch.report())
"""

import importlib.util as _importlib

if _importlib.find_spec("torch") is None:
    raise ImportError("trimtab.torch: PyTorch is not installed, and is needed: pip install torch")

from ._watch import Watch, watch

__all__ = ["Watch", "watch"]
