"""Every kind of fault, by topic: a module each."""

from __future__ import annotations

from . import data, generative, initialisation, loop, objective, optimisation, structure
from .kind import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for topic in (data, initialisation, structure, objective, optimisation, loop, generative)
    for kind in topic.KINDS
}
