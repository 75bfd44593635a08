"""Slow twin of `diversification`: one holder at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """One holder; amounts in micro-USD and base units."""

    usd: int
    tokens: int
    claim: int
    optimism: float
    trend_weight: float
    risk_aversion: float


@dataclass(frozen=True)
class Market:
    """What a holder sees of its token; the fields of `diversification.Outlook` in the same order."""

    gap: float
    trend: float
    variance: float
    price: float
    locked: float


def wanted_share_reference(rise: float, risk: float) -> float:
    """Return the part of its wealth that a holder wants in the token."""
    if rise <= 0:
        return 0.0
    if risk <= rise:
        return 1.0
    return rise / risk


def expected_rise_reference(holder: Holder, market: Market) -> float:
    """Return the rise of the log price in a year that a holder counts on."""
    value = max(-1.0, min(1.0, market.gap + holder.optimism))
    trend = max(-1.0, min(1.0, market.trend))
    return (1.0 - holder.trend_weight) * value + holder.trend_weight * trend


def sale_reference(holder: Holder, market: Market, speed: float) -> int:
    """Return the base units that a holder sells in a step."""
    share = wanted_share_reference(expected_rise_reference(holder, market), holder.risk_aversion * market.variance)
    owned = float(holder.tokens) + float(holder.claim) * market.locked
    wealth_in_tokens = owned + float(holder.usd) / market.price
    too_much = owned - share * wealth_in_tokens
    return max(0, min(int(min(max(too_much * speed, 0.0), float(holder.tokens))), holder.tokens))
