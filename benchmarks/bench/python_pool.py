"""Concentrated liquidity as a careful Python programmer writes it: floats, a sorted list of ticks and dictionaries."""

from __future__ import annotations

import bisect

from catallaxy.numba_kernels.order_columns import SELL

__all__ = ["PythonPool"]


class PythonPool:
    """Swaps of exact amounts in, with fees per unit of liquidity, in all and outside of each tick; nothing is rounded.

    Parameters
    ----------
    root : float
        Square root of the price.
    fee : float
        Share of what a trader gives.
    net : dict of float to int
        Liquidity that begins (less what ends) at the square root of each price.
    """

    def __init__(self, root: float, fee: float, net: dict[float, int]) -> None:
        self.root, self.fee, self.net = root, fee, net
        self.ticks = sorted(net)
        self.above = bisect.bisect_right(self.ticks, root)
        self.liquidity = float(sum(net[tick] for tick in self.ticks[: self.above]))
        self.growth = [0.0, 0.0]
        self.outside = {tick: [0.0, 0.0] for tick in self.ticks}
        self.crossed = 0

    def swap(self, side: int, amount: float) -> float:
        """Give an amount, fee included; return what is got."""
        return self._sell(amount) if side == SELL else self._buy(amount)

    def _sell(self, left: float) -> float:
        got = 0.0
        while left > 0.0 and self.above > 0:
            root, liquidity, tick = self.root, self.liquidity, self.ticks[self.above - 1]
            need = liquidity * (root - tick) / (root * tick) / (1.0 - self.fee)
            if left < need:
                net = left * (1.0 - self.fee)
                move = net * root * root / (liquidity + net * root)
                self.root = root - move
                self.growth[0] += left * self.fee / liquidity
                return got + liquidity * move
            left -= need
            got += liquidity * (root - tick)
            self.growth[0] += need * self.fee / liquidity
            self._cross(tick)
            self.liquidity = liquidity - self.net[tick]
            self.above -= 1
        return got

    def _buy(self, left: float) -> float:
        got = 0.0
        while left > 0.0 and self.above < len(self.ticks):
            root, liquidity, tick = self.root, self.liquidity, self.ticks[self.above]
            need = liquidity * (tick - root) / (1.0 - self.fee)
            if left < need:
                net = left * (1.0 - self.fee)
                self.root = root + net / liquidity
                self.growth[1] += left * self.fee / liquidity
                return got + net / (root * self.root)
            left -= need
            got += liquidity * (tick - root) / (root * tick)
            self.growth[1] += need * self.fee / liquidity
            self._cross(tick)
            self.liquidity = liquidity + self.net[tick]
            self.above += 1
        return got

    def _cross(self, tick: float) -> None:
        outside = self.outside[tick]
        outside[0] = self.growth[0] - outside[0]
        outside[1] = self.growth[1] - outside[1]
        self.root = tick
        self.crossed += 1
