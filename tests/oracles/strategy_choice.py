"""Slow twin of `strategy_choice`: formulas as printed, with the library's exponential."""

from __future__ import annotations

import math
from collections.abc import Sequence

from catallaxy.numba_kernels.strategy_choice import Leanings


def lean_reference(leanings: Leanings, share: float, squared_gap: float) -> float:
    """a = alpha_0 + alpha_n (n_f - n_c) + alpha_p g^2."""
    chartists = 1.0 - share
    return leanings.predisposition + leanings.herding * (share - chartists) + leanings.misalignment * squared_gap


def logit_reference(appeal: float) -> float:
    """1 / (1 + exp(-a))."""
    return 1.0 / (1.0 + math.exp(-appeal)) if appeal > -700 else 0.0


def choose_reference(fitness: Sequence[float], intensity: float) -> list[float]:
    """exp(beta U_h) over their sum."""
    odds = [math.exp(intensity * (u - max(fitness))) for u in fitness]
    return [odd / sum(odds) for odd in odds]
