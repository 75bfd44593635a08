"""What it costs to come onto a network: a price that each entry raises and that falls with time.

The price is posted once a step: all who enter in a step pay the same, and together they raise the next price. Amounts
are whole base units, rounded as the chains round them.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.sim.tokenomics.units import exact, microseconds, to_base

__all__ = [
    "REGISTRATIONS",
    "DecayingCost",
    "LockCost",
    "NoRegistration",
    "PricedRegistration",
    "Registration",
    "lock_cost",
]

#: No price is ever above this, base units.
_MOST = 2**61
_PRECISE = Context(prec=60)


class Registration(Plugin):
    """Base of the rules on entry."""

    fixed: ClassVar[frozenset[str]] = frozenset()
    """Parameters that a vote cannot change: those that only the start of a run reads."""


REGISTRATIONS: Registry[Registration] = Registry("registration rule", Registration)
"""Registration rules by name."""


@REGISTRATIONS.register("none")
class NoRegistration(Registration):
    """Entry is free."""

    summary: ClassVar[str] = "Entry is free."


class PricedRegistration(Registration):
    """A compute node that comes online, or comes back, pays dollars for which tokens are bought, recycled and burned.

    Those that are online in the first step of a run have registered before it.
    """

    fixed: ClassVar[frozenset[str]] = frozenset({"start"})

    start: float = quantity(unit="token", doc="Price of the last registration before the run, paid as it began.", ge=0)
    block_seconds: float = quantity(12.0, unit="s", doc="Time between blocks.", gt=0, le=86_400)
    recycled: float = quantity(
        1.0, unit="1", doc="Share of the tokens that is recycled; the rest is burned.", ge=0, le=1
    )
    stay_days: float = quantity(
        90.0, unit="day", doc="Time over which a node that weighs entry spreads its cost.", gt=0, le=36_500
    )

    def blocks(self, elapsed_us: int) -> int:
        """Return the whole blocks in a length of time."""
        return elapsed_us // microseconds(seconds=self.block_seconds)

    def cost(self, last: int, blocks: int, base: int) -> int:
        """Return the price of a registration.

        Parameters
        ----------
        last : int
            What `after` returned for the last registration, base units.
        blocks : int
            Whole blocks since then.
        base : int
            Base units per token.

        Returns
        -------
        int
            Base units.
        """
        raise NotImplementedError(f"registration {self.kind!r} has no price")

    def after(self, cost: int, entrants: int, base: int) -> int:
        """Return what later prices start from when so many have just paid `cost`, base units."""
        raise NotImplementedError(f"registration {self.kind!r} does not say what an entry does to its price")


@REGISTRATIONS.register("lock-cost")
class LockCost(PricedRegistration):
    """A cost that doubles at each registration and falls back linearly.

    max(lowest, 2 last - last // interval * blocks), where the last one paid `last`, which is the cost again after one
    interval. Bittensor's price of a subnet: 1,000 TAO at least, interval 14 days of blocks. Source:
    opentensor/subtensor, `get_network_lock_cost`.
    """

    summary: ClassVar[str] = "The cost of entry doubles with each entry and falls linearly (Bittensor's subnets)."

    lowest: float = quantity(1000.0, unit="token", doc="Lowest cost.", ge=0, source="opentensor/subtensor.")
    interval_blocks: int = quantity(
        100_800,
        unit="block",
        doc="Time until the cost is back at what the last one paid.",
        ge=1,
        source="opentensor/subtensor: 14 days of 7,200 blocks.",
    )

    def cost(self, last: int, blocks: int, base: int) -> int:
        """Return the price of a registration; see `PricedRegistration.cost`."""
        return lock_cost(last, blocks, self.interval_blocks, to_base(self.lowest, base))

    def after(self, cost: int, entrants: int, base: int) -> int:
        """Return what the last of them would have paid; see `PricedRegistration.after`."""
        return cost if entrants < 1 else min(cost << min(entrants - 1, 64), _MOST)


def lock_cost(last: int, blocks: int, interval_blocks: int, lowest: int) -> int:
    """Return a cost that was doubled so many blocks ago, when `last` was paid, and falls back in one interval.

    Parameters
    ----------
    last : int
        Base units.
    blocks : int
    interval_blocks : int
    lowest : int
        Base units.

    Returns
    -------
    int
        Base units.
    """
    return min(max(lowest, 2 * last - last // interval_blocks * blocks), _MOST)


@REGISTRATIONS.register("decaying-cost")
class DecayingCost(PricedRegistration):
    """A cost that each registration multiplies and that decays exponentially, between bounds.

    With factor 1.26 and a half-life of 360 blocks it stands still at one registration per 120.03 blocks.
    Bittensor's price of a neuron. Source: opentensor/subtensor.
    """

    summary: ClassVar[str] = "The cost of entry rises by a factor with each entry and decays (Bittensor's neurons)."

    factor: float = quantity(1.26, unit="1", doc="Factor of each registration.", ge=1, le=1000, source="subtensor.")
    half_life_blocks: int = quantity(360, unit="block", doc="Time in which it halves.", ge=1, source="subtensor.")
    lowest: float = quantity(0.0005, unit="token", doc="Lowest cost.", ge=0, source="subtensor.")
    highest: float = quantity(100.0, unit="token", doc="Highest cost.", ge=0, source="subtensor.")

    def cost(self, last: int, blocks: int, base: int) -> int:
        """Return the price of a registration, rounded down; see `PricedRegistration.cost`."""
        halvings = _PRECISE.divide(Decimal(blocks), Decimal(self.half_life_blocks))
        return self._bounded(int(_PRECISE.divide(Decimal(last), _PRECISE.power(Decimal(2), halvings))), base)

    def after(self, cost: int, entrants: int, base: int) -> int:
        """Return the price right after, rounded down; see `PricedRegistration.after`."""
        raised = exact(self.factor)
        price = cost
        for _ in range(entrants):
            price = self._bounded(math.floor(price * raised), base)
            if price >= to_base(self.highest, base):
                break
        return price

    def _bounded(self, price: int, base: int) -> int:
        return min(max(price, to_base(self.lowest, base)), to_base(self.highest, base), _MOST)
