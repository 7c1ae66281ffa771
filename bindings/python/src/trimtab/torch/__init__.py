"""Watches a PyTorch model.

watch = trimtab.torch.watch(model, optimizer)
...
loss.backward()
verdict = watch.step(loss)      # before optimizer.step(); guard=True makes the optimizer obey it
print(watch.report())
"""

from ._watch import Watch, watch

__all__ = ["Watch", "watch"]
