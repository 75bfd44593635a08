"""What users gain in a step: by the price alone, and by everything that they care for (`agents/surplus.py`)."""

from __future__ import annotations

import math

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Floats
from catallaxy.agents.surplus import gain_in_money, log_price_gain
from catallaxy.sim.engine.rivals import outside_prices, price_of_incumbents
from catallaxy.sim.state.economy import Economy

__all__ = ["note_surplus"]


def note_surplus(economy: Economy, paid: Floats, served: Floats) -> None:
    """Note what users have gained over the incumbents in this step, and add it to what each segment has gained.

    Parameters
    ----------
    economy : Economy
    paid : float64[K], USD
        For services.
    served : float64[K]
        Share of the demand that was delivered.
    """
    users, incumbent = economy.users, price_of_incumbents(economy)
    log_price, elasticity = nk.elementary.log_scalar, users.spec.price_elasticity
    cheaper = [log_price(incumbent / price) for price in economy.quoted.service_price]
    economy.note("price_surplus", [-s * gain_in_money(-g, elasticity) for s, g in zip(paid, cheaper, strict=True)])
    spending = users.by_segment[:, :-1, 1] / MICRO
    relative = np.array([users.spec.spending_at(float(price)) for price in outside_prices(economy)])
    at_incumbent = economy.drivers["service_demand"] * relative
    gained = spending * at_incumbent[:, np.newaxis] * served * _per_dollar(economy)[:, np.newaxis]
    total = np.maximum(spending.sum(axis=0), 1.0 / MICRO)
    users.paid += spending / total * paid
    users.surplus += gained
    economy.note("user_surplus", gained.sum(axis=0))


def _per_dollar(economy: Economy) -> Floats:
    """Return what a user of each segment gains per dollar that it would spend at the incumbents, float64[S]."""
    users = economy.users
    advantages = users.choice.advantage.tolist() if users.choice is not None else []
    weights = [segment.price for segment in users.spec.segments.values()]
    gains = [
        gain_in_money(log_price_gain(advantage, weight), users.spec.price_elasticity) if weight > 0.0 else math.nan
        for advantage, weight in zip(advantages, weights, strict=True)
    ]
    return np.array(gains)
