"""Slow twin of `payouts`: one agent at a time."""

from __future__ import annotations

from collections.abc import Sequence


def add_by_network_reference(networks: Sequence[int], values: Sequence[int], n_networks: int) -> list[int]:
    """Return the sum of the values on each network."""
    return [sum(v for k, v in zip(networks, values, strict=True) if k == network) for network in range(n_networks)]


def bear_reference(takes_part: bool, cost: float) -> int:
    """Return the micro-dollars that one agent bears of a cost in dollars."""
    return int(cost * 1e6) if takes_part else 0


def pay_pro_rata_reference(weight: int, rate: float) -> int:
    """Return what one agent is paid."""
    return int(float(weight) * rate)


def top_up_stake_reference(required: int, tokens: int, stake: int) -> int:
    """Return the base units that one agent adds to its collateral."""
    return min(tokens, required - stake) if stake < required else 0


def sell_tokens_reference(usd: int, target: int, tokens: int, habit: float, price: float) -> int:
    """Return the base units that one agent sells; price in micro-USD per base unit."""
    for_cash = float(target - usd) / price if usd < target else 0.0
    by_habit = habit * float(tokens)
    return min(int(min(max(for_cash, by_habit), float(tokens))), tokens)


def settle_order_reference(order: int, tokens_per_usd: float, usd_per_token: float) -> tuple[int, int]:
    """Return the base units and micro-USD that fill one order."""
    if order > 0:
        return int(float(order) * tokens_per_usd), 0
    return 0, int(float(-order) * usd_per_token)
