"""What the modules of a forward pass were given, kept until the step is judged.

A hook in Python costs a step of a few milliseconds a thousandth of it. From the second step on the hook of a module
that is called once in a step is therefore a method of a dictionary, called without running any Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import nn
    from torch.utils.hooks import RemovableHandle

    from ._registration import SeenCall


class Forgotten:
    """What becomes of a record in a copy of a model: it keeps nothing."""

    __slots__ = ()

    def __setitem__(self, module: nn.Module, arguments: Any) -> None:
        return None


class Record(dict["nn.Module", Any]):
    """The arguments of the last call of each module. Its `__setitem__` is the hook."""

    def __reduce__(self) -> tuple[type[Forgotten], tuple[()]]:
        # It belongs to one run: a pickled or deep-copied model keeps no activations.
        return Forgotten, ()


class Recorder:
    """Puts the record before modules, and takes it off while nothing trains.

    What is looked at in most steps is looked at in the hook, while the caches still hold it; the rest, and under a
    tight budget all, is recorded, and looked at when the step is judged, if at all.
    """

    def __init__(self, calls: Iterable[SeenCall]) -> None:
        self.record = Record()
        self.calls = list(calls)
        self._handles: list[RemovableHandle] = []
        self._is_on = False
        self._is_shared = False
        self._is_sparing = False

    def take(self) -> dict[Any, Any]:
        """What was recorded for a step; what comes from now on is another's."""
        taken: dict[Any, Any] = dict(self.record)
        self.record.clear()
        return taken

    def share(self) -> None:
        """Other threads run the model too. From now on hooks ask each call whether it trains: a dictionary cannot."""
        if not self._is_shared:
            self.turn(False)
            self._is_shared = True

    def turn(self, is_on: bool, is_sparing: bool | None = None) -> None:
        """On or off. Not within the forward pass of one of the modules.

        is_sparing  whether what is looked at in every step without a budget is recorded too; None: as before
        """
        is_sparing = self._is_sparing if is_sparing is None else is_sparing
        if is_on == self._is_on and is_sparing == self._is_sparing:
            return
        self._is_on, self._is_sparing = is_on, is_sparing
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if not is_on:
            self.record.clear()
            return
        hook: Any = self.record.__setitem__
        for seen in self.calls:
            is_recorded = not self._is_shared and (is_sparing or seen.quantity == "output")
            self._handles.append(seen.module.register_forward_pre_hook(hook if is_recorded else seen.hook))
