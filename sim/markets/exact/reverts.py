"""Why a pool refuses an operation; `code` is the reason string of the contract, empty where it gives none.

A refused operation leaves the pool as it was, as a reverted transaction does.

References
----------
Uniswap v3 core, release 1.0.0, https://github.com/Uniswap/v3-core (contracts UniswapV3Pool, Tick, TickMath,
LiquidityMath, Position).
"""

from __future__ import annotations

from typing import ClassVar

from catallaxy.sim.errors import CatallaxyError

__all__ = [
    "AmountIsZero",
    "FeeNotAllowed",
    "LiquidityOverflow",
    "LiquidityUnderflow",
    "NothingToTrade",
    "OutputUnreachable",
    "PositionIsEmpty",
    "PriceLimitUnreachable",
    "PriceOutOfRange",
    "Revert",
    "TickIsFull",
    "TickNotSpaced",
    "TickOutOfRange",
    "TicksReversed",
    "WordOverflow",
]


class Revert(CatallaxyError):
    """Base of every refusal of an exact pool.

    Attributes
    ----------
    code : str
        Reason string of the contract.
    """

    code: ClassVar[str] = ""

    def __init__(self, message: str) -> None:
        super().__init__(f"{self.code}: {message}" if self.code else message)


class AmountIsZero(Revert):
    """A swap of nothing, or a mint of no liquidity."""

    code = "AS"


class PriceLimitUnreachable(Revert):
    """The price limit of a swap lies behind the price, at it, or beyond the range of prices."""

    code = "SPL"


class PriceOutOfRange(Revert):
    """A square-root price outside [MIN_SQRT_RATIO, MAX_SQRT_RATIO)."""

    code = "R"


class TickOutOfRange(Revert):
    """A tick outside [MIN_TICK, MAX_TICK]; the contract says T, or TLM and TUM for the bounds of a position."""

    code = "T"


class TicksReversed(Revert):
    """The lower tick of a position is not below its upper tick."""

    code = "TLU"


class TickNotSpaced(Revert):
    """A tick that is no multiple of the pool's tick spacing."""


class TickIsFull(Revert):
    """More liquidity would reference a tick than a tick may carry."""

    code = "LO"


class LiquidityOverflow(Revert):
    """Liquidity would exceed 128 bits."""

    code = "LA"


class LiquidityUnderflow(Revert):
    """More liquidity would be removed than is there."""

    code = "LS"


class PositionIsEmpty(Revert):
    """The fees of a position without liquidity cannot be updated."""

    code = "NP"


class FeeNotAllowed(Revert):
    """A fee or a tick spacing outside what the factory or the pool accepts."""


class NothingToTrade(Revert):
    """A price moves only where there are a price and liquidity."""


class OutputUnreachable(Revert):
    """More would be taken out than the liquidity holds."""


class WordOverflow(Revert):
    """A number does not fit the word in which the contract stores it."""
