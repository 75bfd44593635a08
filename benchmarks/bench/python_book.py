"""The order book as a careful Python programmer writes it: dictionaries, deques and two heaps."""

from __future__ import annotations

import heapq
from collections import deque

from catallaxy.numba_kernels.order_columns import BUY, CANCEL, LIMIT, MARKET, MODIFY, SELL

__all__ = ["PythonBook"]

#: An open order: number, side, tick, lots, agent.
Order = list[int]


class PythonBook:
    """Price-time priority.

    Orders are numbered by arrival; trades are (side, tick, lots, agent, maker's agent, number, maker's number).

    Parameters
    ----------
    allows_own : bool
        Whether an agent's orders trade with each other; otherwise the resting one is cancelled.
    """

    def __init__(self, allows_own: bool = False) -> None:
        self.allows_own = allows_own
        self.levels: dict[int, dict[int, deque[Order]]] = {BUY: {}, SELL: {}}
        self.heaps: dict[int, list[int]] = {BUY: [], SELL: []}
        self.orders: dict[int, Order] = {}
        self.trades: list[tuple[int, ...]] = []
        self.arrivals = 0

    def submit(self, message: tuple[int, ...], about: int) -> None:
        """Carry out one message; `about` is the arrival of the order that it cancels or modifies."""
        kind, side, tick, lots, agent = message[:5]
        if kind in (CANCEL, MODIFY):
            order = self.orders.get(about)
            if order is None or order[4] != agent:
                return
            if kind == MODIFY and tick == order[2] and lots <= order[3]:
                order[3] = lots
                return
            del self.orders[about]
            order[3], number, side = 0, about, order[1]
            if kind == CANCEL:
                return
        else:
            self.arrivals += 1
            number = self.arrivals
        left = self._trade(number, side, tick if kind != MARKET else side << 40, lots, agent)
        if left and kind in (LIMIT, MODIFY):
            self._rest([number, side, tick, left, agent])

    def _trade(self, number: int, side: int, limit: int, left: int, agent: int) -> int:
        levels, heap = self.levels[-side], self.heaps[-side]
        while left and heap:
            tick = side * heap[0]
            if side * (limit - tick) < 0:
                break
            queue = levels[tick]
            while left and queue:
                maker = queue[0]
                if maker[3] and (maker[4] != agent or self.allows_own):
                    lots = min(left, maker[3])
                    self.trades.append((side, tick, lots, agent, maker[4], number, maker[0]))
                    left -= lots
                    maker[3] -= lots
                    if maker[3]:
                        break
                    del self.orders[maker[0]]
                elif maker[3]:
                    del self.orders[maker[0]]
                queue.popleft()
            if not queue:
                del levels[tick]
                heapq.heappop(heap)
        return left

    def _rest(self, order: Order) -> None:
        number, side, tick = order[:3]
        self.orders[number] = order
        queue = self.levels[side].get(tick)
        if queue is None:
            self.levels[side][tick] = queue = deque()
            heapq.heappush(self.heaps[side], -side * tick)
        queue.append(order)
