"""Slow twin of settlement: exact fractions of a dollar, one trade after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

from oracles.order_book import Trade


@dataclass
class SettlementReference:
    """Accounts of agents who trade at ticks.

    Attributes
    ----------
    origin, tick_value, lot_size : int
        Price of tick 0 in ticks, micro-USD per tick and lot, base units per lot.
    fee : Fraction
        Share of a trade's value that its taker pays.
    """

    origin: int
    tick_value: int
    lot_size: int
    fee: Fraction
    cash: dict[int, int]
    tokens: dict[int, int]
    fees: int = field(default=0)

    def settle_trade(self, trade: Trade) -> None:
        """Move cash from the buyer to the seller, tokens the other way, and the fee from the taker."""
        price = (self.origin + trade.tick) * self.tick_value
        buyer, seller = trade.taker_agent, trade.maker_agent
        if trade.side < 0:
            buyer, seller = seller, buyer
        self.cash[buyer] -= trade.lots * price
        self.cash[seller] += trade.lots * price
        self.tokens[buyer] += trade.lots * self.lot_size
        self.tokens[seller] -= trade.lots * self.lot_size
        fee = math.ceil(trade.lots * price * self.fee)
        self.cash[trade.taker_agent] -= fee
        self.fees += fee
