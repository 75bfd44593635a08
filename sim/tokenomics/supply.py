"""Supply schedules: what the emission rule and the vesting of a token make of its supply, without any agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from catallaxy.sim.tokenomics.allocation import AllocationSpec, vesting_schedule
from catallaxy.sim.tokenomics.emission_context import EmissionContext
from catallaxy.sim.tokenomics.emission_rule import EmissionRule
from catallaxy.sim.tokenomics.sinks.routing import divide
from catallaxy.sim.tokenomics.sinks.sink import Sink
from catallaxy.sim.tokenomics.units import exact, share_of

__all__ = ["Assumptions", "SupplyPath", "TokenSupply", "supply_path"]

_YEAR_DAYS = 365.25
_BEYOND_EVERY_BASELINE = 1e30


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What stands in for the agents.

    Attributes
    ----------
    staked : float
        Share of the supply that is staked.
    capacity : float or None
        Compute capacity of the network, GPU-hours a day; None for as much as any baseline asks.
    burned : float
        Tokens burned a year.
    price : float or None
        Price of the token, USD; None for that of the first day.
    """

    staked: float = 0.5
    capacity: float | None = None
    burned: float = 0.0
    price: float | None = None

    def sentences(self, reads: frozenset[str]) -> list[str]:
        """Return what is assumed of the quantities that a rule reads, one sentence each."""
        offered = "always meets the baseline" if self.capacity is None else f"is {self.capacity:,.12g} GPU-hours a day"
        said = {
            "staked": f"{self.staked:g} of the supply is staked.",
            "circulating": "All that is unlocked or issued circulates.",
            "capacity": f"The network's capacity {offered}.",
            "burned": f"{self.burned:,.12g} tokens are burned a year.",
            "price": f"The token's price stays at {self.price or 0.0:,.12g} USD.",
        }
        shown = [sentence for name, sentence in said.items() if name in reads or (name == "burned" and self.burned)]
        return [*shown, *(f"The driver {name!r} follows the scenario." for name in sorted(reads - said.keys()))]


@dataclass(frozen=True, slots=True)
class TokenSupply:
    """What a supply schedule starts from, base units where not said otherwise.

    Attributes
    ----------
    emission : EmissionRule
    allocation : AllocationSpec
    base : int
        Base units per token.
    genesis : int
        Created at genesis.
    allocated : int
        What the shares of the allocation are shares of.
    cap : int or None
        Most that emission may ever mint.
    sinks : sequence of Sink
        Of these, those that take a part of rewards burn or recycle it.
    """

    emission: EmissionRule
    allocation: AllocationSpec
    base: int
    genesis: int
    allocated: int
    cap: int | None
    sinks: Sequence[Sink] = ()


@dataclass(frozen=True, slots=True)
class SupplyPath:
    """Stocks at the start of each day, base units; one entry per day and one for the end.

    Attributes
    ----------
    base : int
        Base units per token.
    genesis : int
        Created at genesis.
    cap : int or None
        Most that emission may ever mint.
    dates : tuple of datetime.date
    unlocked : tuple of int
        Tokens of the genesis that are no longer locked.
    issued, burned, recycled : tuple of int
        Minted by emission, destroyed, and taken back to be issued again, since the first day.
    """

    base: int
    genesis: int
    cap: int | None
    dates: tuple[date, ...]
    unlocked: tuple[int, ...]
    issued: tuple[int, ...]
    burned: tuple[int, ...]
    recycled: tuple[int, ...]

    @property
    def supply(self) -> tuple[int, ...]:
        """In existence: genesis + issued - burned - recycled."""
        return tuple(self.genesis + new for new in self._net())

    @property
    def circulating(self) -> tuple[int, ...]:
        """Unlocked + issued - burned - recycled."""
        return tuple(unlocked + new for unlocked, new in zip(self.unlocked, self._net(), strict=True))

    def _net(self) -> Iterator[int]:
        for issued, burned, recycled in zip(self.issued, self.burned, self.recycled, strict=True):
            yield issued - burned - recycled

    def years(self) -> Iterator[tuple[int, int]]:
        """Yield the first and last entry of each calendar year, the first and the last year cut where the path is."""
        marks = [n for n, day in enumerate(self.dates) if (day.month, day.day) == (1, 1)]
        yield from pairwise(sorted({0, *marks, len(self.dates) - 1}))


def supply_path(
    token: TokenSupply,
    start: date,
    end: date,
    assumed: Assumptions | None = None,
    drivers: Sequence[dict[str, float]] = (),
) -> SupplyPath:
    """Run the emission rule, the sinks of rewards and the vesting schedule of a token day by day.

    Parameters
    ----------
    token : TokenSupply
    start, end : datetime.date
        First day, and the day on which the path ends.
    assumed : Assumptions, optional
        What stands in for the agents.
    drivers : sequence of dict, optional
        Values of the drivers on each day; the last ones hold when the path is longer.

    Returns
    -------
    SupplyPath
    """
    assumed, days = assumed or Assumptions(), (end - start).days
    vesting = vesting_schedule(token.allocation, token.allocated, start, 1.0, days + 1)
    locked = vesting.locked.sum(axis=1)
    unlocked = tuple(token.genesis - int(amount) for amount in locked)
    first = EmissionContext(step=0, dt_days=1.0, start=start, base=token.base, genesis=token.genesis, cap=token.cap)
    issued, burned, recycled, taken, memory = [0], [0], [0], 0, first.memory
    for day, now in enumerate(first.steps(days)):
        new = issued[-1] - burned[-1] - recycled[-1]
        supply = token.genesis + new
        minted, memory = token.emission.issue(
            replace(
                now,
                issued=issued[-1],
                burned=burned[-1],
                recycled=recycled[-1],
                supply=supply,
                staked=share_of(assumed.staked, supply),
                circulating=unlocked[day] + new,
                capacity=_BEYOND_EVERY_BASELINE if assumed.capacity is None else assumed.capacity,
                drivers=drivers[min(day, len(drivers) - 1)] if drivers else {},
                price=assumed.price or 0.0,
                memory=memory,
            )
        )
        parts = divide(token.sinks, "rewards", minted)
        taken += parts.get("burn", 0)
        issued.append(issued[-1] + minted)
        recycled.append(recycled[-1] + parts.get("recycle", 0))
        gone = int(exact(assumed.burned) * token.base * (day + 1) / exact(_YEAR_DAYS)) + taken
        burned.append(min(gone, token.genesis + issued[-1] - recycled[-1]))
    dates = tuple(start + timedelta(days=day) for day in range(days + 1))
    stocks = (unlocked, tuple(issued), tuple(burned), tuple(recycled))
    return SupplyPath(token.base, token.genesis, token.cap, dates, *stocks)
