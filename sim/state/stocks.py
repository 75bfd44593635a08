"""The sectors of an economy, and what each of them holds of every instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.population import Ints, Population, of_kind
from catallaxy.agents.subnet_stakers import SubnetStakers
from catallaxy.sim.recording.sectors import FIXED_SECTORS, SUBNETS
from catallaxy.sim.state.ledger import USD

if TYPE_CHECKING:
    from catallaxy.sim.state.economy import Economy

__all__ = ["sectors_of", "stocks_of"]


def sectors_of(populations: dict[str, Population]) -> tuple[str, ...]:
    """Return the ledger's sectors: the fixed ones, the populations, and institutions and subnets beside them."""
    beside = (name for population in populations.values() for name in population.institutions())
    pools = (SUBNETS,) if of_kind(populations.values(), SubnetStakers) is not None else ()
    return tuple(dict.fromkeys((*FIXED_SECTORS, *populations, *beside, *pools)))


def stocks_of(economy: Economy) -> Ints:
    """Count what every sector holds; the outside world is what the others owe it.

    Parameters
    ----------
    economy : Economy

    Returns
    -------
    int64[instruments, sectors]
        Micro-dollars, then base units of every network's token.
    """
    sector = {name: i for i, name in enumerate(economy.ledger.sectors)}
    stocks = np.zeros((economy.k + 1, len(sector)), np.int64)
    held = _held(economy)
    for name, amount in _dollars(economy, sum(usd for usd, _ in held)).items():
        stocks[USD, sector[name]] = amount
    stocks[USD, sector["outside world"]] = -stocks[USD].sum()
    for name, amounts in _tokens(economy, [tokens for _, tokens in held]).items():
        stocks[1:, sector[name]] = amounts
    if SUBNETS in sector:
        stocks[1:, sector[SUBNETS]] = [0 if book is None else book.tao.sum() for book in economy.subnets]
    return stocks


def _dollars(economy: Economy, in_orders: int) -> dict[str, int]:
    a, populations = economy.accounts, economy.populations
    return {
        "insiders": sum(a.insider_usd.tolist()),
        "treasury": sum(a.treasury_usd.tolist()),
        "fee escrow": sum(a.fee_escrow.tolist()) + sum(a.trade_taxes.tolist()),
        "liquidity": sum(pool.usd for pools in economy.pools for pool in pools),
        "open orders": in_orders,
        "rounding": sum(a.rounding_usd.tolist()),
        **{name: population.usd_total() for name, population in populations.items()},
        **{name: kept.usd for member in populations.values() for name, kept in member.institutions().items()},
    }


def _tokens(economy: Economy, in_orders: list[int]) -> dict[str, npt.ArrayLike]:
    a, populations = economy.accounts, economy.populations
    return {
        "minting": -(a.genesis + a.minted + a.reminted + a.curve_issued + a.converted - a.recycled),
        "burned": a.burned,
        "staked": economy.staked(),
        "unbonding": economy.unbonding(),
        "vesting": a.vesting,
        "insiders": a.insider_tokens,
        "treasury": a.treasury_tokens,
        "reward pool": a.reward_pool,
        "liquidity": [sum(pool.tokens for pool in pools) for pools in economy.pools],
        "open orders": in_orders,
        **{name: population.token_totals() for name, population in populations.items()},
        **{name: kept.tokens for member in populations.values() for name, kept in member.institutions().items()},
    }


def _held(economy: Economy) -> list[tuple[int, int]]:
    """Count what venues hold of others on each network, micro-USD and base units."""
    held = []
    for spec, pools in zip(economy.specs, economy.pools, strict=True):
        of = [venue.held(pool) for venue, pool in zip(spec.venues, pools, strict=True)]
        held.append((sum(usd for usd, _ in of), sum(tokens for _, tokens in of)))
    return held
