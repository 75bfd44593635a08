"""Token venues: where orders become trades.

A venue of this first kind fills a whole batch at one price, so the result cannot depend on the order of the agents:
`clear` takes the total micro-dollars bid and the total base units offered and returns what buyers and sellers receive.
The rates are rounded against the traders, so a venue's reserves never lose value to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry

__all__ = ["VENUES", "Clearing", "ConstantProduct", "Pool", "PriceImpact", "Venue"]

_AGAINST_TRADERS = 1.0 - 2.0**-40
#: Log price impact beyond which a trade gets nothing anyway; keeps rates finite.
_LARGEST_IMPACT = 50.0
#: Share of a reserve that one batch may take out.
_LARGEST_FILL = 0.9


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


class Venue(Plugin):
    """Base of every token venue."""

    share: float = quantity(1.0, unit="1", doc="Share of the order flow routed to this venue.", gt=0, le=1)
    liquidity: float = quantity(
        1.0, unit="1", doc="Share of the token's genesis liquidity placed in this venue.", gt=0, le=1
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


VENUES: Registry[Venue] = Registry("venue", Venue)


@VENUES.register("constant-product")
class ConstantProduct(Venue):
    """Constant-product pool x*y = k with a fee on what enters, cleared as a batch at one price.

    With reserves X tokens and Y dollars, B dollars bid and Q tokens offered, buyers and sellers first meet at a
    common price p and the pool absorbs the rest on its curve. Net buying gives p = (Y/(1-f) + B)/(X + Q), net selling
    p = (Y + B)/(X/(1-f) + Q), and between them p = B/Q inside the fee band.
    """

    summary: ClassVar[str] = "Automated market maker x*y = k; the batch clears at one price."

    fee: float = quantity(0.003, unit="1", doc="Fee on what enters the pool, kept by it.", ge=0, lt=1)

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; see `Venue.clear`."""
        keep = 1.0 - self.fee
        x, y, b, q = float(pool.tokens), float(pool.usd), float(bid), float(offered)
        if x + q == 0.0 or y + b == 0.0:
            return Clearing(0.0, 0.0, pool.price)
        buying = (y / keep + b) / (x + q)
        selling = (y + b) / (x / keep + q)
        crossing = b / q if q > 0.0 else float("inf")
        price = max(min(buying, crossing), selling) if q > 0.0 else buying
        if b == 0.0:
            price = selling
        rates = _AGAINST_TRADERS / price, price * _AGAINST_TRADERS
        left_tokens = x + q - b * rates[0]
        left_usd = y + b - q * rates[1]
        return Clearing(*rates, left_usd / left_tokens)


@VENUES.register("price-impact")
class PriceImpact(Venue):
    """A market maker who moves the log price in proportion to net order flow over what he holds.

    ln p' = ln p + lambda * (B - Q p) / D, with D the dollar value of the smaller side of his inventory; the batch
    trades at p'. The move of the quoted price per step is limited, and the limit is counted as a guard; the batch that
    meets it still pays its full impact, since a maker who sold below his own curve could be pumped for money. Only a
    trader as large as the inventory itself can still gain by a sequence of trades, because each of them changes the
    depth so much; a constant-product pool excludes even that.
    """

    summary: ClassVar[str] = "Market maker with inventory; log-linear price impact."

    impact: float = quantity(1.0, unit="1", doc="Log price move when net flow equals depth (lambda).", gt=0, le=100)
    largest_move: float = quantity(1.0, unit="1", doc="Largest log price move in one step.", gt=0, le=5)

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; see `Venue.clear`."""
        price = pool.price
        depth = max(min(float(pool.usd), pool.tokens * price), 1.0)
        move = self.impact * (bid - offered * price) / depth
        limited = max(-self.largest_move, min(self.largest_move, move))
        paid = price * float(nk.elementary.exp_scalar(max(-_LARGEST_IMPACT, min(_LARGEST_IMPACT, move))))
        tokens_per_usd, usd_per_token = _AGAINST_TRADERS / paid, paid * _AGAINST_TRADERS
        short_tokens = bid * tokens_per_usd - offered > _LARGEST_FILL * pool.tokens
        short_usd = offered * usd_per_token - bid > _LARGEST_FILL * pool.usd
        if short_tokens:
            tokens_per_usd = (_LARGEST_FILL * pool.tokens + offered) / bid * _AGAINST_TRADERS
        if short_usd:
            usd_per_token = (_LARGEST_FILL * pool.usd + bid) / offered * _AGAINST_TRADERS
        bound = limited != move or short_tokens or short_usd
        return Clearing(tokens_per_usd, usd_per_token, price * float(nk.elementary.exp_scalar(limited)), bound)
