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
    """

    tokens: Mapping[str, Prices]
    sizes: Mapping[str, Floats] = field(default_factory=dict)
    series: Mapping[str, Floats] = field(default_factory=dict)


def worlds_of(result: Result, series: Mapping[str, object]) -> list[World]:
    """Return one world per replicate of a run.

    Parameters
    ----------
    result : Result
    series : mapping with str keys
        Names of series that may have ended a rise; those that the run did not record are left out.

    Returns
    -------
    list of World
    """
    found = run_prices(result)
    caps = result.panel("market_cap") if "market_cap" in result.metrics else None
    recorded = {name: result.panel(name).sum(axis=2) for name in series if name in result.metrics}
    replicates = result.panel("price").shape[0]
    worlds = []
    for replicate in range(replicates):
        names = {name: name + (f"/{replicate}" if replicates > 1 else "") for name in result.networks}
        tokens = {name: found[long] for name, long in names.items()}
        done = max(len(prices) for prices in tokens.values())
        sizes = {
            name: caps[replicate, : len(tokens[name]), k] for k, name in enumerate(result.networks) if caps is not None
        }
        worlds.append(World(tokens, sizes, {name: values[replicate, :done] for name, values in recorded.items()}))
    return worlds
