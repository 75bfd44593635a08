"""Who holds the tokens at genesis, and when they are free to move: the genesis table and its schedule."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.units import US_PER_DAY, exact
from catallaxy.sim.tokenomics.vesting import Ramp, Vesting

__all__ = [
    "RECEIVERS",
    "AllocationGroup",
    "AllocationSpec",
    "Receiver",
    "VestingSchedule",
    "check_allocation",
    "vesting_schedule",
]

Receiver = Literal[
    "liquidity",
    "speculators",
    "treasury",
    "insiders",
    "compute",
    "data",
    "builders",
    "users",
    "stakers",
    "community",
    "lenders",
    "airdrop",
    "subnet_stakers",
    "subnets",
    "emission",
]
RECEIVERS: tuple[str, ...] = get_args(Receiver)
"""Who can receive a genesis group; "emission" is what is left to be minted later and is not part of genesis."""

Complaints = list[tuple[tuple[str | int, ...], str]]

_TOLERANCE = Fraction(1, 10**9)


class AllocationGroup(Vesting):
    """One line of the genesis table: a group, its share, who receives it, and how it vests."""

    group: str = quantity(unit="-", doc="Name of the group, as the protocol calls it.")
    share: float = quantity(unit="1", doc="Share of genesis or of the maximum (see shares_of).", ge=0.0, le=1.0)
    receiver: Receiver = quantity(unit="-", doc="Population or account that receives the tokens as they unlock.")


class AllocationSpec(Spec):
    """The genesis table."""

    launched: dt.date | None = quantity(
        None, unit="date", doc="Date of launch, from which vesting counts; the first day of the run when absent."
    )
    shares_of: Literal["genesis", "maximum"] = quantity(
        "genesis",
        unit="-",
        doc="What the shares are shares of; with `maximum`, a group with receiver `emission` is minted later.",
    )
    groups: tuple[AllocationGroup, ...] = Field(
        description="Lines of the table; their shares sum to 1.", json_schema_extra={"unit": "-", "minItems": 1}
    )

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.groups:
            raise complaint(
                "allocation", "the genesis table is empty: say who holds the tokens, with shares that sum to 1"
            )
        return self

    def amounts(self, supply: int) -> tuple[int, ...]:
        """Split a supply over the groups without losing a unit.

        Group boundaries are the rounded running totals of the shares, so that every group is within one base unit of
        its share and the groups sum to the supply.

        Parameters
        ----------
        supply : int
            What the shares are shares of, base units.

        Returns
        -------
        tuple of int
            Amount of each group, base units, in the order of `groups`.
        """
        bounds, running = [0], Fraction(0)
        for line in self.groups:
            running += exact(line.share)
            bounds.append(min(supply, round(running * supply)))
        if abs(running - 1) <= _TOLERANCE:
            bounds[-1] = supply
        return tuple(after - before for before, after in pairwise(bounds))

    def genesis(self, supply: int) -> int:
        """Return how much of `supply` exists at genesis, base units: all groups but those left to emission."""
        amounts = zip(self.groups, self.amounts(supply), strict=True)
        return sum(amount for line, amount in amounts if line.receiver != "emission")


@dataclass(frozen=True)
class VestingSchedule:
    """What each receiver of genesis tokens gets, and when.

    What is free at the start of a step is in the receiver's hands in that step: a cliff at day 365 pays in the step
    that begins on day 365.

    Attributes
    ----------
    receivers : tuple of str
        Columns, in the order of the genesis table.
    total : int64[n_receivers], base units
        All tokens of each receiver's groups.
    opening : int64[n_receivers], base units
        Free at the start of step 0.
    unlocks : int64[n_steps, n_receivers], base units
        Freed at the start of each step; row 0 is zero, being part of `opening`.
    """

    receivers: tuple[str, ...]
    total: npt.NDArray[np.int64]
    opening: npt.NDArray[np.int64]
    unlocks: npt.NDArray[np.int64]

    @cached_property
    def locked(self) -> npt.NDArray[np.int64]:
        """Still locked once each step's unlocks are made: int64[n_steps, n_receivers], base units."""
        locked: npt.NDArray[np.int64] = self.total - self.opening - np.cumsum(self.unlocks, axis=0)
        return locked

    def locked_for(self, receiver: str, step: int) -> int:
        """Return what is still locked of a receiver's tokens once a step's unlocks are made, base units."""
        if receiver not in self.receivers:
            return 0
        return int(self.locked[step, self.receivers.index(receiver)])


def vesting_schedule(
    allocation: AllocationSpec, supply: int, start: dt.date, dt_days: float, n_steps: int
) -> VestingSchedule:
    """Compute the unlocks of a run.

    Parameters
    ----------
    allocation : AllocationSpec
        The genesis table.
    supply : int
        What its shares are shares of, base units.
    start : datetime.date
        Date of the start of step 0.
    dt_days : float
        Length of a step, days.
    n_steps : int
        Number of steps.

    Returns
    -------
    VestingSchedule
        Per step and receiver; groups left to emission are not in it.
    """
    age = (start - (allocation.launched or start)).days * US_PER_DAY
    times = [age + round(step * dt_days * US_PER_DAY) for step in range(n_steps)]
    lines = list(zip(allocation.groups, allocation.amounts(supply), strict=True))
    receivers = tuple(dict.fromkeys(line.receiver for line, _ in lines if line.receiver != "emission"))
    total = np.zeros(len(receivers), dtype=np.int64)
    free = np.zeros((n_steps, len(receivers)), dtype=np.int64)
    for line, amount in lines:
        if line.receiver != "emission":
            column = receivers.index(line.receiver)
            total[column] += amount
            ramp = Ramp.of(line, amount)
            free[:, column] += np.array([ramp.at(time) for time in times], dtype=np.int64)
    return VestingSchedule(receivers, total, free[0].copy(), np.diff(free, axis=0, prepend=free[:1]))


def check_allocation(allocation: AllocationSpec, genesis: float, maximum: float | None) -> Complaints:
    """Find what is wrong between the lines of a genesis table and the supply.

    Parameters
    ----------
    allocation : AllocationSpec
        The genesis table.
    genesis : float
        Supply at genesis, token.
    maximum : float or None
        Maximum supply, token; None when there is none.

    Returns
    -------
    list of (tuple, str)
        `(path below the token, message)`; empty when all is well.
    """
    if maximum is not None and genesis > maximum:
        message = f"{genesis:,.12g} tokens exist at genesis, above the maximum supply of {maximum:,.12g}"
        return [(("genesis",), message)]
    found = [*_check_shares(allocation), *_check_supply(allocation, genesis, maximum), *_check_lines(allocation)]
    return [(("allocation", *path), message) for path, message in found]


def _check_shares(allocation: AllocationSpec) -> Complaints:
    total = sum((exact(line.share) for line in allocation.groups), Fraction(0))
    miss = total - 1
    if abs(miss) <= _TOLERANCE:
        return []
    how = (
        f"{float(miss):.6g} too much: more would unlock than exists"
        if miss > 0
        else f"{float(-miss):.6g} short: add the missing group"
    )
    terms = " + ".join(f"{line.share:g} ({line.group})" for line in allocation.groups)
    return [(("groups",), f"shares must sum to 1 but sum to {float(total):.9g}, {how}; {terms}")]


def _check_supply(allocation: AllocationSpec, genesis: float, maximum: float | None) -> Complaints:
    if allocation.shares_of == "genesis":
        return []
    if maximum is None:
        message = "shares_of: maximum needs a maximum supply; give the token one, or use shares_of: genesis"
        return [(("shares_of",), message)]
    shares = [exact(line.share) for line in allocation.groups if line.receiver != "emission"]
    created = sum(shares, Fraction(0)) * exact(maximum)
    if abs(created - exact(genesis)) <= _TOLERANCE * exact(maximum):
        return []
    message = (
        f"the groups not left to emission hold {float(created):,.12g} tokens, "
        f"but genesis is {genesis:,.12g}: {float(created - exact(genesis)):+,.12g}"
    )
    return [(("groups",), message)]


def _check_lines(allocation: AllocationSpec) -> Complaints:
    found: Complaints = []
    names = Counter(line.group for line in allocation.groups)
    for number, line in enumerate(allocation.groups):
        where = ("groups", number)
        if line.cliff_days > line.vesting_days:
            found.append(
                (
                    (*where, "cliff_days"),
                    f"the cliff of {line.group!r} ({line.cliff_days:g} days) comes after the end of its vesting "
                    f"({line.vesting_days:g} days from launch); vesting_days includes the cliff",
                )
            )
        if line.receiver == "emission" and allocation.shares_of == "genesis":
            message = f"{line.group!r} is left to emission, so it is not part of genesis; use shares_of: maximum"
            found.append(((*where, "receiver"), message))
        if names[line.group] > 1:
            found.append(((*where, "group"), f"{line.group!r} names {names[line.group]} groups; names must differ"))
    return found
