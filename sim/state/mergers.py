"""Token mergers in a run: what can be converted now, and what a trip from one market to the other brings."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catallaxy.sim.markets.venues import Trade
from catallaxy.sim.tokenomics.merger import MergerSpec
from catallaxy.sim.tokenomics.units import LARGEST_SUPPLY

if TYPE_CHECKING:
    from catallaxy.sim.state.economy import Economy

__all__ = ["Mergers", "Passage"]


@dataclass(frozen=True)
class Passage:
    """Buying a token on one venue and selling what it converts into on a venue of the other token.

    It answers as two venues of one token would: number 0 sells the token, number 1 buys it.

    Attributes
    ----------
    economy : Economy
    k, into : int
        Networks of the two tokens.
    venues : (int, int)
        Venue on either side.
    merger : MergerSpec
    """

    economy: Economy
    k: int
    into: int
    venues: tuple[int, int]
    merger: MergerSpec

    def given(self, tokens: int) -> int:
        """Return the base units of the other token for base units of this one."""
        base = self.economy.base
        return self.merger.converted(tokens, int(base[self.k]), int(base[self.into]))

    def price(self, k: int, end: int) -> float:
        """Return the price at an end, micro-USD per base unit of the token that is converted."""
        trading, base = self.economy.trading, self.economy.base
        if end == 0:
            return trading.price(k, self.venues[0])
        return trading.price(self.into, self.venues[1]) * self.merger.ratio * float(base[self.into] / base[k])

    def quote(self, k: int, end: int, *, usd: int = 0, tokens: int = 0) -> Trade:
        """Return what dollars buy at the first end, or tokens fetch at the second; nothing is changed."""
        trading = self.economy.trading
        if end == 0:
            return trading.quote(k, self.venues[0], usd=usd, tokens=tokens)
        given = self.given(tokens)
        if given > LARGEST_SUPPLY:
            return Trade()
        sold = trading.quote(self.into, self.venues[1], tokens=given)
        return Trade(tokens=tokens if sold.tokens == given else 0, usd_out=sold.usd_out)

    def take(self, trader: str, usd: int) -> Trade:
        """Go through with so many dollars, and book all of it; return both trades in dollars."""
        economy = self.economy
        bought = economy.trading.trade(self.k, self.venues[0], trader, usd=usd)
        given = self.given(bought.tokens_out)
        economy.post(self.k, "conversion", trader, "minting", bought.tokens_out)
        economy.post(self.into, "conversion", "minting", trader, given)
        economy.accounts.converted[self.k] -= bought.tokens_out
        economy.accounts.converted[self.into] += given
        origin = f"conversion of {economy.symbols[self.k]}"
        economy.ensure_countable(self.into, origin, "lower the ratio, or raise the genesis of the token merged into")
        sold = economy.trading.trade(self.into, self.venues[1], trader, tokens=given)
        return Trade(usd=bought.usd, usd_out=sold.usd_out)


class Mergers:
    """The mergers of an economy.

    Parameters
    ----------
    economy : Economy
    """

    def __init__(self, economy: Economy) -> None:
        self._economy = economy

    def passages(self, k: int) -> list[Passage]:
        """Return the ways through the conversion of network `k`'s token that are open in this step."""
        economy, merger = self._economy, self._economy.specs[k].token.merger
        if merger is None or not merger.is_open(self._today()):
            return []
        into = economy.names.index(merger.into)
        return [
            Passage(economy, k, into, (first, second), merger)
            for first in self._at_once(k)
            for second in self._at_once(into)
        ]

    def _today(self) -> datetime.date:
        scenario = self._economy.scenario
        return scenario.start + datetime.timedelta(days=int(self._economy.step * scenario.dt_days))

    def _at_once(self, k: int) -> list[int]:
        rules = self._economy.specs[k].venues
        return [venue for venue in self._economy.trading.venues(k) if rules[venue].at_once]
