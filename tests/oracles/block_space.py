"""Slow twin of the block space market: lists of transactions, sorted by tip."""

from __future__ import annotations

import math
from collections.abc import Mapping

from oracles.base_fee import next_base_fee_reference
from oracles.randomness import agent_bits, uniforms

UNIT = 10**9


def sell_blocks_reference(
    key: int, demand: Mapping[str, float], space: Mapping[str, int], n_runs: int, n_blocks: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Return base fees and gas used, by run and block."""
    fees, used = [], []
    for own in agent_bits(key, range(n_runs)):
        fee, pool, run_fees, run_used = space["first_fee"], [], [], []
        for chance in agent_bits(own, range(n_blocks)):
            pool += willing(chance, fee / UNIT, demand)
            tips = [min(demand["tip"], most - fee / UNIT) for most in pool]
            valid = [place for place, most in enumerate(pool) if most >= fee / UNIT]
            whole = [place for place in valid if pool[place] >= fee / UNIT + demand["tip"]]
            part = [place for place in valid if place not in whole]
            assert all(tips[one] >= tips[other] for one in whole for other in part)
            chosen = set((whole + part)[: space["limit"] // space["gas"]])
            pool = [most for place, most in enumerate(pool) if place not in chosen]
            run_fees.append(fee)
            run_used.append(len(chosen) * space["gas"])
            fee = next_base_fee_reference(fee, run_used[-1], space["limit"], space["elasticity"], space["denominator"])
        fees.append(run_fees)
        used.append(run_used)
    return fees, used


def willing(key: int, fee: float, demand: Mapping[str, float]) -> list[float]:
    """Return what the users of one block who gain from inclusion would pay at most, in the order of arrival."""
    found, time, draw = [], 0.0, 0
    while True:
        time -= math.log(uniforms(key, [draw])[0]) / demand["arrivals"]
        if time >= 1.0:
            return found
        value, cost = uniforms(key, [draw + 1, draw + 2]).tolist()
        most = demand["highest_value"] * value - demand["wait"] * demand["highest_cost"] * cost
        if most > fee + demand["tip"]:
            found.append(most)
        draw += 3
