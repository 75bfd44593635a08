"""What a run records of subnets."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import Floats, Ints
from catallaxy.agents.rates import DAYS
from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.sim.engine.subnets import lock_cost_of, root_stake, sections
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.state.subnets import Subnets

__all__ = ["note_subnets"]


def note_subnets(economy: Economy) -> None:
    """Check the alpha of every subnet to the last unit, and note what there is to note.

    Parameters
    ----------
    economy : Economy
    """
    for k, book, spec in sections(economy):
        book.audit(economy.step, economy.symbols[k])
        book.stakers.alpha_prices[k] = book.price()
        noted = {
            **_stocks(book, root_stake(economy, k, book)),
            **_flows(book, DAYS["per_year"] / economy.dt_days),
            "lock_cost": lock_cost_of(economy, book, spec, economy.step + 1) / book.base,
        }
        for name, value in noted.items():
            economy.metrics[name][k] = value


def _stocks(book: Subnets, root: int) -> dict[str, float]:
    price = book.price()
    staked = float(np.cumsum(book.held[:, columns.STAKERS] * price)[-1])
    return {
        "subnets": float(book.slots.live.sum()),
        "subnet_tokens": float(book.tao.sum()) / book.base,
        "alpha_prices": float(np.cumsum(price)[-1]),
        "alpha_staked": staked / book.base,
        "root_share": root / max(root + staked, 1.0),
        "root_yield": book.root_yield,
    }


def _flows(book: Subnets, steps_a_year: float) -> dict[str, float]:
    emission = book.tally[:, columns.INJECTED] + book.tally[:, columns.SPENT]
    price, small = book.price(), _smaller_half(book)
    earned = float(np.cumsum(book.tally[:, columns.STAKERS] * price)[-1])
    staked = float(np.cumsum(book.held[:, columns.STAKERS] * price)[-1])
    return {
        "alpha_yield": earned / max(staked, 1.0) * steps_a_year,
        "subnet_hhi": _hhi(emission),
        "small_emission": _part(emission, small),
        "small_sales": _part(book.sales, small),
        "alpha_bought": float(book.tally[:, columns.SPENT].sum()) / book.base,
        "alpha_sold": float(book.sales.sum()) / book.base,
        "root_dividends": float(book.tally[:, columns.FETCHED].sum()) / book.base,
        "subnet_inflow": float(book.paid_in.sum()) / book.base,
    }


def _smaller_half(book: Subnets) -> Ints:
    """Return the slots of the half of all subnets that have the fewest tokens in their pools."""
    live = np.flatnonzero(book.slots.live)
    ranked = live[np.lexsort((book.serial[live], book.tao[live]))]
    half: Ints = ranked[: len(ranked) // 2]
    return half


def _part(amounts: Ints, rows: Ints) -> float:
    total = int(amounts.sum())
    return int(amounts[rows].sum()) / total if total else np.nan


def _hhi(amounts: Ints) -> float:
    total = int(amounts.sum())
    share: Floats = amounts / max(total, 1)
    return float(np.cumsum(share * share)[-1]) if total else np.nan
