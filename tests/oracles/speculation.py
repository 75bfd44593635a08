"""Slow twin of `speculation`: one speculator at a time, one rule per branch."""

from __future__ import annotations

from typing import NamedTuple

from oracles import randomness


class Speculator(NamedTuple):
    """One speculator; amounts in micro-USD and base units."""

    id: int
    value_bias: float
    reaction: float
    noise: float
    aggressiveness: float
    horizon: int
    strategy: int
    cash: int
    tokens: int


class View(NamedTuple):
    """What everyone sees; the fields of `speculation.Signals` in the same order."""

    value_pull: float
    gap: float
    trend_pull: float
    trend_short: float
    trend_long: float
    shock_fundamentalist: float
    shock_chartist: float
    shock_noise: float
    cash_share: float
    price: float


def form_order_reference(agent: Speculator, view: View, z: float) -> int:
    """Return one agent's order, given its standard normal draw."""
    if agent.strategy == 0:
        signal = agent.reaction * (view.value_pull * (view.gap + agent.value_bias)) + view.shock_fundamentalist
    elif agent.strategy == 1:
        trend = view.trend_short if agent.horizon == 0 else view.trend_long
        signal = agent.reaction * (view.trend_pull * trend) + view.shock_chartist
    else:
        signal = view.shock_noise
    signal += agent.noise * z
    budget = view.cash_share * float(agent.cash)
    wealth = budget + float(agent.tokens) * view.price
    wanted = 0.5 * (signal / (1.0 + abs(signal))) * agent.aggressiveness * wealth
    if wanted > 0.0:
        return min(int(min(wanted, budget)), agent.cash)
    quantity = -wanted * (1.0 / view.price)
    return -min(int(min(quantity, float(agent.tokens))), agent.tokens)


def form_orders_reference(key: int, agents: list[Speculator], view: View) -> list[int]:
    """Return every agent's order."""
    draws = randomness.normals(key, [agent.id for agent in agents])
    return [form_order_reference(agent, view, float(z)) for agent, z in zip(agents, draws, strict=True)]


def settle_order_reference(order: int, tokens_per_usd: float, usd_per_token: float) -> tuple[int, int]:
    """Return the base units and micro-USD that fill one order."""
    if order > 0:
        return int(float(order) * tokens_per_usd), 0
    return 0, int(float(-order) * usd_per_token)


def switch_strategies_reference(
    key: int, ids: list[int], strategies: list[int], to_chartist: float, to_fundamentalist: float
) -> list[int]:
    """Return every agent's strategy afterwards."""
    after = []
    for u, strategy in zip(randomness.uniforms(key, ids), strategies, strict=True):
        if strategy == 0 and u < to_chartist:
            after.append(1)
        elif strategy == 1 and u < to_fundamentalist:
            after.append(0)
        else:
            after.append(strategy)
    return after


def move_capital_reference(cash: int, income: int, inflow: float, withdrawal: float) -> tuple[int, int]:
    """Return what one agent brings in and takes out."""
    return int(float(income) * inflow), min(int(float(cash) * withdrawal), cash)
