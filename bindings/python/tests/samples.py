"""Random samples to diagnose."""

from __future__ import annotations

from typing import Any

import numpy as np
from randomness import generator

Array = np.ndarray[Any, Any]


def correlated(count: int, features: int, salt: int = 0) -> Array:
    random = generator(salt)
    return np.asarray(
        random.normal(size=(count, features)) @ random.normal(size=(features, features)) + random.normal(size=features)
    )
