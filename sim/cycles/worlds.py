"""The worlds that a verdict is asked of: the replicates of a results folder, or the tokens of a file of prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.results.price_paths import run_prices
from catallaxy.sim.results.result import Result

__all__ = ["World", "worlds_of"]


@dataclass(frozen=True)
class World:
    """One world: its tokens, and what else was recorded.

    Attributes
    ----------
    tokens : mapping of str to Prices
    sizes : mapping of str to float64[n]
        Market value of the circulating tokens, USD; empty where it is not known.
    series : mapping of str to float64[n]
        Other series by name, summed over networks, on the dates of the tokens; empty for a file of prices.
    reserve : Prices or None
        The reserve asset, where it is known.
    """

    tokens: Mapping[str, Prices]
    sizes: Mapping[str, Floats] = field(default_factory=dict)
    series: Mapping[str, Floats] = field(default_factory=dict)
    reserve: Prices | None = None


def worlds_of(result: Result, names: Mapping[str, object]) -> list[World]:
    """Return one world per replicate of a run.

    Parameters
    ----------
    result : Result
    names : mapping with str keys
        Series that may have ended a rise; those that the run did not record are left out.

    Returns
    -------
    list of World
    """
    found = run_prices(result)
    caps = result.panel("market_cap") if "market_cap" in result.metrics else None
    recorded = {name: result.panel(name).sum(axis=2) for name in names if name in result.metrics}
    reserves = result.panel("reserve_price")[:, :, 0] if "reserve_price" in result.metrics else None
    replicates = result.panel("price").shape[0]
    worlds = []
    for replicate in range(replicates):
        suffix = f"/{replicate}" if replicates > 1 else ""
        tokens = {name: found[name + suffix] for name in result.networks}
        done = max(len(prices) for prices in tokens.values())
        sizes = {
            name: caps[replicate, : len(tokens[name]), k] for k, name in enumerate(result.networks) if caps is not None
        }
        series = {name: values[replicate, :done] for name, values in recorded.items()}
        worlds.append(World(tokens, sizes, series, _reserve(tokens, reserves, replicate)))
    return worlds


def _reserve(tokens: Mapping[str, Prices], reserves: Floats | None, replicate: int) -> Prices | None:
    if reserves is None:
        return None
    dates = max((prices.dates for prices in tokens.values()), key=len)
    return Prices("reserve asset", dates, reserves[replicate, : len(dates)])
