"""Trading at once: one trader against one venue, outside the batch, with both sides booked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from catallaxy import numba_kernels as nk
from catallaxy.sim.markets.venues import OrderPool, OrderVenue, Trade
from catallaxy.sim.tokenomics.sinks import TradeTax

if TYPE_CHECKING:
    from catallaxy.sim.state.economy import Economy

__all__ = ["Trading"]


class Trading:
    """What arbitrageurs, liquidators and others who act between batches may do.

    Parameters
    ----------
    economy : Economy
    """

    def __init__(self, economy: Economy) -> None:
        self._economy = economy

    def venues(self, k: int) -> range:
        """Return the numbers of the venues of network `k`."""
        return range(len(self._economy.pools[k]))

    def routes(self, k: int) -> Iterator[tuple[int, int]]:
        """Yield every ordered pair of different venues of network `k` at which one can trade at once."""
        rules = self._economy.specs[k].venues
        return itertools.permutations([venue for venue in self.venues(k) if rules[venue].at_once], 2)

    def auctions(self, k: int) -> list[int]:
        """Return the numbers of the venues of network `k` that trade at their own time only."""
        return [venue for venue, rule in enumerate(self._economy.specs[k].venues) if not rule.at_once]

    def same_chain(self, k: int, first: int, second: int) -> bool:
        """Return whether two venues of network `k` are on one chain, so that moving between them is free."""
        venues = self._economy.specs[k].venues
        return venues[first].chain == venues[second].chain

    def price(self, k: int, venue: int) -> float:
        """Return a venue's marginal price, micro-USD per base unit."""
        return self._economy.pools[k][venue].price

    def mark(self, k: int) -> float:
        """Return the price at which positions are valued now, micro-USD per base unit.

        The mean of the venues' log prices, weighted by their dollar reserves.
        """
        pools = self._economy.pools[k]
        if len(pools) == 1:
            return pools[0].price
        weight = [float(pool.usd) for pool in pools]
        logs = [nk.elementary.log_scalar(pool.price) for pool in pools]
        mean = sum(w * x for w, x in zip(weight, logs, strict=True)) / max(sum(weight), 1.0)
        return float(nk.elementary.exp_scalar(mean))

    def quote(self, k: int, venue: int, *, usd: int = 0, tokens: int = 0) -> Trade:
        """Return what a trader would get now; nothing is changed.

        Parameters
        ----------
        k, venue : int
        usd : int, optional
            Micro-dollars to spend.
        tokens : int, optional
            Base units to sell.

        Returns
        -------
        Trade
        """
        spec, pool = self._economy.specs[k], self._economy.pools[k][venue]
        if spec.fees.trade_tax is None:
            return spec.venues[venue].quote(pool, usd, tokens)
        due = spec.fees.trade_tax.due(usd)
        return _taxed(spec.venues[venue].quote(pool, usd - due, tokens), due, spec.fees.trade_tax)

    def best_venue(self, k: int, *, usd: int = 0, tokens: int = 0) -> int:
        """Return the venue that gives most for an order; the first of equals.

        Parameters
        ----------
        k : int
        usd, tokens : int, optional
            One of them; see `quote`.

        Returns
        -------
        int
        """
        quotes = [self.quote(k, venue, usd=usd, tokens=tokens) for venue in self.venues(k)]
        return max(self.venues(k), key=lambda venue: (quotes[venue].tokens_out, quotes[venue].usd_out, -venue))

    def trade(self, k: int, venue: int, trader: str, *, usd: int = 0, tokens: int = 0) -> Trade:
        """Trade now and book it; the caller moves the trader's own balances by what is returned.

        An order book fills what it can, which may be less than was asked for; a call auction trades nothing outside its
        clearing. Agents whose resting orders are met get what they are owed at the end of the token market.

        Parameters
        ----------
        k, venue : int
        trader : str
            Sector that trades.
        usd, tokens : int, optional
            See `quote`.

        Returns
        -------
        Trade
        """
        economy = self._economy
        rule, pool = economy.specs[k].venues[venue], economy.pools[k][venue]
        tax = economy.specs[k].fees.trade_tax
        due = 0 if tax is None else tax.due(usd)
        trade = rule.trade(pool, usd - due, tokens)
        if isinstance(rule, OrderVenue) and isinstance(pool, OrderPool):
            self._book(k, "open orders", rule.take_made(pool))
        if tax is not None:
            gross, trade = trade, _taxed(trade, due, tax)
            self.levy(k, due + gross.usd_out - trade.usd_out)
        self._book(k, trader, trade)
        return trade

    def levy(self, k: int, due: int) -> None:
        """Take a tax out of what passes between traders and venues of network `k`, micro-dollars."""
        self._economy.accounts.trade_taxes[k] += due
        self._economy.post_usd("trade taxes", "liquidity", "fee escrow", due)

    def _book(self, k: int, trader: str, trade: Trade) -> None:
        economy = self._economy
        economy.post_usd("token purchases", trader, "liquidity", trade.usd)
        economy.post(k, "token purchases", "liquidity", trader, trade.tokens_out)
        economy.post(k, "token sales", trader, "liquidity", trade.tokens)
        economy.post_usd("token sales", "liquidity", trader, trade.usd_out)
        economy.traded_at_once[k] += trade.usd + trade.usd_out


def _taxed(trade: Trade, due: int, tax: TradeTax) -> Trade:
    """Return a trade as its trader sees it: `due` came on top of what was spent, and what was received is taxed."""
    return Trade(trade.usd + due, trade.tokens, trade.usd_out - tax.due(trade.usd_out), trade.tokens_out)
