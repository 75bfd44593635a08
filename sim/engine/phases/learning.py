"""Phase 12: expectations are revised, camps change, money comes and goes."""

from __future__ import annotations

import math

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Floats
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.subnets import learn_of_subnets
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]

#: Log gap between value and price beyond which new money does not respond further.
_LARGEST_PULL = 2.0


def run(economy: Economy) -> None:
    """Update trends, fundamental values, strategies and capital.

    Parameters
    ----------
    economy : Economy
    """
    speculators, quoted = economy.speculators, economy.quoted
    returns = economy.metrics["log_return"]
    profits = _profits(economy, returns)
    for trend, days in (
        (quoted.trend_short, speculators.spec.short_trend_days),
        (quoted.trend_long, speculators.spec.long_trend_days),
    ):
        trend += min(1.0, economy.dt_days / days) * (returns - trend)
    spec = speculators.spec
    moved = np.abs(returns) / (spec.typical_move * math.sqrt(economy.dt_days))
    quoted.attention += min(1.0, economy.dt_days / spec.attention_days) * (moved - quoted.attention)
    _talk(economy)
    _revalue(economy)
    learn_of_subnets(economy)
    gap = economy.log_fundamental - economy.log_price()
    speculators.reconsider(economy.key(Stream.STRATEGY_SWITCH), float(sum(gap * gap)) / economy.k, profits)
    mean_gap = max(-_LARGEST_PULL, min(_LARGEST_PULL, float(sum(gap)) / economy.k))
    pull = nk.elementary.exp_scalar(speculators.spec.inflow_response * mean_gap)
    brought, taken = speculators.move_capital(economy.attention.on_capital(economy.drivers["narrative"]) * pull)
    economy.post_usd("new capital", "outside world", speculators.name, brought)
    economy.post_usd("withdrawals", speculators.name, "outside world", taken)
    _withdraw_insiders(economy)
    economy.note("capital_inflow", (brought - taken) / MICRO / economy.k)
    economy.note("fundamentalist_share", speculators.fundamentalists / speculators.n)
    economy.note("chartist_share", (speculators.camp_size - speculators.fundamentalists) / speculators.n)


def _profits(economy: Economy, returns: Floats) -> tuple[float, float]:
    """Return what following value and what following trends earned in the step, signal times return."""
    spec, trend = economy.speculators.spec, economy.quoted.trend_short
    gap = economy.log_fundamental - (economy.log_price() - returns)
    by_value, by_trend = spec.value_pull * gap * returns, spec.trend_pull * trend * returns
    return float(sum(by_value)) / economy.k, float(sum(by_trend)) / economy.k


def _talk(economy: Economy) -> None:
    attention, metrics = economy.attention, economy.metrics
    if not attention.spec.matters:
        return
    held = attention.revise(metrics["log_return"], metrics["users"])
    economy.guard("public attention: held within a twentieth and twenty times what is normal", held)
    economy.note("public_attention", [nk.elementary.exp_scalar(level) for level in attention.level.tolist()])


def _withdraw_insiders(economy: Economy) -> None:
    taken = int(economy.accounts.insider_usd.sum())
    economy.accounts.insider_usd[:] = 0
    economy.post_usd("withdrawals", "insiders", "outside world", taken)


def _revalue(economy: Economy) -> None:
    log, quoted = nk.elementary.log_scalar, economy.quoted
    circulating = economy.tokens(economy.circulating())
    reserve = log(economy.drivers["reserve_price"])
    narrative = log(max(economy.drivers["narrative"], 1e-6))
    for k, spec in enumerate(economy.specs):
        value = spec.valuation
        memory = min(1.0, economy.dt_days / value.usage_memory_days)
        quoted.usage[k] += memory * (economy.metrics["service_spend"][k] - quoted.usage[k])
        quoted.news[k] += quoted.surprise[k] - value.news_fades.probability(economy.dt_days) * quoted.news[k]
        economy.log_fundamental[k] = (
            log(economy.start_price[k])
            + value.start_premium
            + value.usage_elasticity * log(max(quoted.usage[k], 1.0) / economy.start_usage[k])
            - value.dilution_elasticity * log(circulating[k] / economy.start_circulating[k])
            + value.reserve_beta * reserve
            + value.narrative_elasticity * narrative
            + quoted.news[k]
        )
    economy.note("fundamental", [nk.elementary.exp_scalar(x) for x in economy.log_fundamental])
