"""The constant-product pair of Uniswap v2, in exact integers of any size.

Semantics after Adams, Zinsmeister & Robinson (2020), Uniswap v2 Core, and the contracts it describes: `UniswapV2Pair`
(github.com/Uniswap/v2-core) for deposits, withdrawals, swaps and the protocol's fee, `UniswapV2Library` and
`UniswapV2LiquidityMathLibrary` (github.com/Uniswap/v2-periphery) for quotes. Their fee of 3/1000 and the protocol's
sixth are parameters here. A pair that reverts there raises `Refused` here, and nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import isqrt

from catallaxy.sim.errors import CatallaxyError

__all__ = ["LOCKED", "MINIMUM_LIQUIDITY", "PROTOCOL", "Pair", "Refused", "amount_in", "amount_out", "quote"]

FEE = Fraction(3, 1000)
#: Shares of the first deposit that nobody can ever withdraw, and in whose name they are kept.
MINIMUM_LIQUIDITY = 1000
LOCKED = "locked"
#: In whose name the protocol's shares are kept.
PROTOCOL = "protocol"


class Refused(CatallaxyError):
    """A pair refuses what was asked of it."""


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise Refused(message)


def _require_reserves(first: int, second: int) -> None:
    _require(min(first, second) > 0, f"the reserves are {first} and {second}; both must be above 0")


def quote(amount: int, reserve_a: int, reserve_b: int) -> int:
    """Return how much of asset B keeps `amount` of asset A company in a deposit, rounded down.

    Parameters
    ----------
    amount, reserve_a, reserve_b : int
        Units; all above 0.

    Returns
    -------
    int

    Raises
    ------
    Refused
    """
    _require(amount > 0, f"the amount is {amount}; it must be above 0")
    _require_reserves(reserve_a, reserve_b)
    return amount * reserve_b // reserve_a


def amount_out(amount: int, reserve_in: int, reserve_out: int, fee: Fraction = FEE) -> int:
    """Return what comes out for an amount that goes in, the fee taken from what goes in; rounded down.

    Parameters
    ----------
    amount, reserve_in, reserve_out : int
        Units; all above 0.
    fee : Fraction, optional
        Share in [0, 1).

    Returns
    -------
    int

    Raises
    ------
    Refused
    """
    _require(amount > 0, f"the amount paid in is {amount}; it must be above 0")
    _require_reserves(reserve_in, reserve_out)
    kept = amount * (fee.denominator - fee.numerator)
    return kept * reserve_out // (reserve_in * fee.denominator + kept)


def amount_in(wanted: int, reserve_in: int, reserve_out: int, fee: Fraction = FEE) -> int:
    """Return what must go in for an amount to come out: rounded down, and one more, as the protocol has it.

    Parameters
    ----------
    wanted, reserve_in, reserve_out : int
        Units; all above 0, `wanted` below `reserve_out`.
    fee : Fraction, optional
        Share in [0, 1).

    Returns
    -------
    int

    Raises
    ------
    Refused
    """
    _require(wanted > 0, f"the amount wanted is {wanted}; it must be above 0")
    _require_reserves(reserve_in, reserve_out)
    _require(wanted < reserve_out, f"{wanted} are wanted of a reserve of {reserve_out}; it must be less")
    kept = fee.denominator - fee.numerator
    return reserve_in * wanted * fee.denominator // ((reserve_out - wanted) * kept) + 1


@dataclass
class Pair:
    """Reserves of two assets, and who owns which shares of them.

    Attributes
    ----------
    fee : Fraction
        On what goes into the pair, kept by it.
    protocol_share : Fraction or None
        The protocol's part of the growth of sqrt(k), minted as shares at the next deposit or withdrawal; None when the
        protocol takes no fee.
    reserves : tuple of int
        Units of asset 0 and of asset 1.
    shares : dict of str to int
        By owner.
    last_product : int
        Product of the reserves after the last deposit or withdrawal; 0 while the protocol takes no fee.
    """

    fee: Fraction = FEE
    protocol_share: Fraction | None = None
    reserves: tuple[int, int] = (0, 0)
    shares: dict[str, int] = field(default_factory=dict)
    last_product: int = 0

    @property
    def supply(self) -> int:
        """All shares."""
        return sum(self.shares.values())

    @property
    def product(self) -> int:
        """Product of the reserves, k."""
        return self.reserves[0] * self.reserves[1]

    def protocol_due(self) -> int:
        """Return the shares that the next deposit or withdrawal mints to the protocol.

        With phi its share, S (r - r0) phi / ((1 - phi) r + phi r0), r = sqrt(k) now and r0 at the last mint or burn.
        """
        if self.protocol_share is None or self.last_product == 0:
            return 0
        root, last = isqrt(self.product), isqrt(self.last_product)
        if root <= last:
            return 0
        part, whole = self.protocol_share.numerator, self.protocol_share.denominator
        return self.supply * (root - last) * part // (root * (whole - part) + last * part)

    def value_of(self, shares: int) -> tuple[int, int]:
        """Return the units of both assets that shares stand for, the protocol's due included; rounded down."""
        supply = self.supply + self.protocol_due()
        return shares * self.reserves[0] // supply, shares * self.reserves[1] // supply

    def mint(self, owner: str, amount_0: int, amount_1: int) -> int:
        """Deposit both assets for shares; what one of them brings beyond the pair's proportions is a gift to all.

        Parameters
        ----------
        owner : str
        amount_0, amount_1 : int
            Units.

        Returns
        -------
        int
            Shares minted to the owner.

        Raises
        ------
        Refused
        """
        _require(min(amount_0, amount_1) > 0, f"the deposit is {amount_0} and {amount_1}; both must be above 0")
        due = self.protocol_due()
        supply = self.supply + due
        if supply == 0:
            locked, shares = MINIMUM_LIQUIDITY, isqrt(amount_0 * amount_1) - MINIMUM_LIQUIDITY
        else:
            locked = 0
            shares = min(amount_0 * supply // self.reserves[0], amount_1 * supply // self.reserves[1])
        _require(shares > 0, f"a deposit of {amount_0} and {amount_1} is worth no share")
        self._give(PROTOCOL, due)
        self._give(LOCKED, locked)
        self._give(owner, shares)
        self._move(amount_0, amount_1, liquidity=True)
        return shares

    def burn(self, owner: str, shares: int) -> tuple[int, int]:
        """Withdraw the reserves that shares stand for, rounded down.

        Parameters
        ----------
        owner : str
        shares : int

        Returns
        -------
        tuple of int
            Units of both assets.

        Raises
        ------
        Refused
        """
        held = self.shares.get(owner, 0)
        _require(0 < shares <= held, f"{owner} gives back {shares} shares and holds {held}")
        paid = self.value_of(shares)
        _require(min(paid) > 0, f"{shares} shares are worth {paid[0]} and {paid[1]}; both must be above 0")
        self._give(PROTOCOL, self.protocol_due())
        self._give(owner, -shares)
        self._move(-paid[0], -paid[1], liquidity=True)
        return paid

    def swap(self, paid_in: tuple[int, int], paid_out: tuple[int, int]) -> None:
        """Exchange amounts, of which those paid in cover those paid out and the fee.

        What is paid in may be an asset that is paid out as well, as in a loan that is given back at once.

        Parameters
        ----------
        paid_in, paid_out : tuple of int
            Units of asset 0 and of asset 1.

        Raises
        ------
        Refused
        """
        _require(min(paid_in) >= 0 and min(paid_out) >= 0, f"{paid_in} in and {paid_out} out; none may be negative")
        _require(max(paid_out) > 0, f"nothing is paid out: {paid_out}")
        _require(max(paid_in) > 0, f"nothing is paid in: {paid_in}")
        inside = all(out < reserve for out, reserve in zip(paid_out, self.reserves, strict=True))
        _require(inside, f"{paid_out} are to be paid out of {self.reserves}")
        left = [
            (reserve + given - out) * self.fee.denominator - given * self.fee.numerator
            for reserve, given, out in zip(self.reserves, paid_in, paid_out, strict=True)
        ]
        _require(
            left[0] * left[1] >= self.product * self.fee.denominator**2,
            f"{paid_in} in for {paid_out} out of {self.reserves}: the product of the reserves would fall",
        )
        self._move(paid_in[0] - paid_out[0], paid_in[1] - paid_out[1])

    def sell(self, asset: int, amount: int) -> int:
        """Pay in an amount of asset 0 or 1 and take out all that it brings of the other; return that."""
        out = amount_out(amount, self.reserves[asset], self.reserves[1 - asset], self.fee)
        _require(out > 0, f"{amount} units are worth less than one unit of the other asset")
        self.swap((amount, 0) if asset == 0 else (0, amount), (0, out) if asset == 0 else (out, 0))
        return out

    def arbitrage(self, worth_0: int, worth_1: int) -> tuple[int, int]:
        """Return which asset to sell, and how much of it, to earn most from what the assets are worth elsewhere.

        The protocol's own rounding: a square root and a quotient, both rounded down.

        Parameters
        ----------
        worth_0, worth_1 : int
            Units of asset 0 and of asset 1 that are worth the same.

        Returns
        -------
        tuple of int
            Asset and units; 0 units when nothing is to be earned.
        """
        asset = 0 if self.reserves[0] * worth_1 // self.reserves[1] < worth_0 else 1
        paid, received = (worth_0, worth_1) if asset == 0 else (worth_1, worth_0)
        whole, kept = self.fee.denominator, self.fee.denominator - self.fee.numerator
        best = isqrt(self.product * whole * paid // (received * kept))
        return asset, max(best - self.reserves[asset] * whole // kept, 0)

    def _give(self, owner: str, shares: int) -> None:
        if shares:
            self.shares[owner] = self.shares.get(owner, 0) + shares

    def _move(self, amount_0: int, amount_1: int, liquidity: bool = False) -> None:
        self.reserves = self.reserves[0] + amount_0, self.reserves[1] + amount_1
        if liquidity:
            self.last_product = 0 if self.protocol_share is None else self.product
