"""What a token venue is: reserves, and a rule by which orders become trades.

Most venues fill a whole batch at one price, so the result cannot depend on the order of the agents: `clear` takes the
total micro-dollars bid and the total base units offered and returns what buyers and sellers receive. The rates are
rounded against the traders, so a venue's reserves never lose value to rounding. Whoever trades at once, after the batch
(arbitrage, liquidations), is a batch of one. Venues that match orders singly are `OrderVenue`s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry

__all__ = ["AGAINST_TRADERS", "VENUES", "Clearing", "Pool", "Trade", "Venue", "divide_liquidity"]

#: Fewest units of either asset with which a pool opens, so that whole numbers give its price to a thousandth.
_SMALLEST_RESERVE = 1_000

#: By this factor every rate is rounded against the traders.
AGAINST_TRADERS = 1.0 - 2.0**-40


@dataclass
class Pool:
    """Reserves of one venue.

    Attributes
    ----------
    usd : int
        Micro-dollars.
    tokens : int
        Base units.
    price : float
        Micro-dollars per base unit at the margin.
    """

    usd: int
    tokens: int
    price: float


@dataclass(frozen=True)
class Clearing:
    """Outcome of one batch.

    Attributes
    ----------
    tokens_per_usd : float
        Base units received per micro-dollar bid (0 when nobody could be served).
    usd_per_token : float
        Micro-dollars received per base unit offered.
    price : float
        Marginal price afterwards, micro-dollars per base unit.
    bound : bool
        True when a guard limited the price move.
    """

    tokens_per_usd: float
    usd_per_token: float
    price: float
    bound: bool = False


@dataclass(frozen=True)
class Trade:
    """What traders and a venue have exchanged.

    Attributes
    ----------
    usd, tokens : int
        Given to the venue: micro-dollars spent and base units sold.
    usd_out, tokens_out : int
        Received from it.
    """

    usd: int = 0
    tokens: int = 0
    usd_out: int = 0
    tokens_out: int = 0

    def plus(self, other: Trade) -> Trade:
        """Return both trades together."""
        return Trade(
            self.usd + other.usd,
            self.tokens + other.tokens,
            self.usd_out + other.usd_out,
            self.tokens_out + other.tokens_out,
        )

    def without(self, other: Trade) -> Trade:
        """Return what is left of this trade when `other` is taken out of it."""
        return Trade(
            self.usd - other.usd,
            self.tokens - other.tokens,
            self.usd_out - other.usd_out,
            self.tokens_out - other.tokens_out,
        )


class Venue(Plugin):
    """Base of every token venue."""

    #: Whether one can trade outside the clearing of a step; if not, `quote` and `trade` do nothing.
    at_once: ClassVar[bool] = True
    #: Whether it mints or burns, which `issued` counts.
    issues: ClassVar[bool] = False
    #: Whether it creates tokens without limit, which a token with a maximum supply does not allow.
    mints: ClassVar[bool] = False
    #: Parameters that a vote can change in the middle of a run: those that an open pool does not keep.
    amendable: ClassVar[frozenset[str]] = frozenset()

    share: float = quantity(1.0, unit="1", doc="Share of the order flow routed to this venue.", gt=0, le=1)
    chain: str = quantity(
        "home", unit="-", doc="Chain or exchange that the venue is on; moving between chains costs arbitrageurs."
    )
    liquidity: float = quantity(
        1.0, unit="1", doc="Share of the token's genesis liquidity placed in this venue.", gt=0, le=1
    )

    def opening_usd(self, tokens: int, price: float) -> int:
        """Return the micro-dollars that go with tokens for a pool to open at a price, micro-dollars per base unit."""
        return int(tokens * price)

    def opening_problem(self, usd: int, tokens: int) -> tuple[str, str] | None:
        """Return why a pool cannot open with these reserves: the parameter at fault, and a sentence; None if it can.

        Parameters
        ----------
        usd, tokens : int
            Micro-dollars, as `opening_usd` says, and base units.

        Returns
        -------
        (str, str) or None
        """
        if min(usd, tokens) >= _SMALLEST_RESERVE:
            return None
        return (
            "liquidity",
            f"the {self.kind} would open with {tokens:,} base units and {usd:,} micro-dollars; a price "
            f"needs at least {_SMALLEST_RESERVE:,} of each, so place more tokens in it, or raise their price",
        )

    def open(self, usd: int, tokens: int) -> Pool:
        """Return a pool with these reserves, priced at their ratio."""
        return Pool(usd, tokens, usd / tokens)

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; `pool` is not changed.

        Parameters
        ----------
        pool : Pool
        bid : int
            Micro-dollars that buyers spend.
        offered : int
            Base units that sellers sell.

        Returns
        -------
        Clearing
        """
        raise NotImplementedError(f"venue {self.kind!r} does not clear")

    def settle(self, pool: Pool, clearing: Clearing, trade: Trade) -> None:
        """Move the reserves after a batch; `trade` is what was really paid, which rounding makes a little less.

        Parameters
        ----------
        pool : Pool
            Changed in place.
        clearing : Clearing
            What `clear` returned.
        trade : Trade
        """
        pool.usd += trade.usd - trade.usd_out
        pool.tokens += trade.tokens - trade.tokens_out
        pool.price = clearing.price

    def quote(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Return what a single trader would get at once, spending dollars or selling tokens; nothing is changed.

        Parameters
        ----------
        pool : Pool
        usd : int, optional
            Micro-dollars to spend.
        tokens : int, optional
            Base units to sell.

        Returns
        -------
        Trade
        """
        return self._alone(self.clear(pool, usd, tokens), usd, tokens)

    def trade(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Trade at once, as a batch of one; see `quote`."""
        clearing = self.clear(pool, usd, tokens)
        trade = self._alone(clearing, usd, tokens)
        self.settle(pool, clearing, trade)
        return trade

    def depth_usd(self, pool: Pool) -> int:
        """Count the micro-dollars that stand ready to buy tokens."""
        return pool.usd

    def held(self, pool: Pool) -> tuple[int, int]:
        """Count the micro-dollars and base units of others that the venue holds; a venue of batches holds none."""
        return 0, 0

    def issued(self, pool: Pool) -> int:
        """Count the base units that the venue has minted less those it has burned; most do neither."""
        return 0

    def pay_fees(self, pool: Pool) -> int:
        """Hand the fees over that are due to the treasury; return micro-dollars, 0 where the venue keeps its fees."""
        return 0

    @staticmethod
    def _alone(clearing: Clearing, usd: int, tokens: int) -> Trade:
        return Trade(usd, tokens, int(tokens * clearing.usd_per_token), int(usd * clearing.tokens_per_usd))


def divide_liquidity(venues: Sequence[Venue], liquidity: int) -> list[int]:
    """Return the base units of a token's liquidity that each of its venues opens with; the first takes the rest."""
    parts, left = [], liquidity
    for venue in venues:
        parts.append(min(left, int(liquidity * venue.liquidity)))
        left -= parts[-1]
    parts[0] += left
    return parts


VENUES: Registry[Venue] = Registry("venue", Venue)
