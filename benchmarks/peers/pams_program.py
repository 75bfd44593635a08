"""What PAMS does with a flow of orders, with one sweep, and as a whole market of FCN agents; prints one JSON object.

Runs under a Python that has PAMS and needs nothing of Catallaxy: `pams_program.py flow FILE.npy`, `sweep`, or
`fcn AGENTS ORDERS_PER_STEP STEPS SEED`.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
import time

import numpy as np
from pams import Market, Session, Simulator
from pams.order import LIMIT_ORDER, MARKET_ORDER, Cancel, Order
from pams.runners import SequentialRunner

PRICE = 300.0
TICK = 0.01
#: Steps of the sample's first session, in which orders only gather: without it expected prices run to zero or infinity.
OPENING = 100
#: PAMS's own sample of Chiarella and Iori's market, with a tick that prices can be counted in.
AGENTS = {
    "class": "FCNAgent",
    "markets": ["Market"],
    "assetVolume": 50,
    "cashAmount": 10_000,
    "fundamentalWeight": {"expon": [1.0]},
    "chartWeight": {"expon": [0.2]},
    "noiseWeight": {"expon": [1.0]},
    "meanReversionTime": {"uniform": [50, 100]},
    "noiseScale": 0.001,
    "timeWindowSize": [100, 200],
    "orderMargin": [0.0, 0.1],
}


def open_market(tick_size: float = 1.0) -> Market:
    """Return a running market at its first step."""
    market = Market(market_id=0, prng=random.Random(1), simulator=Simulator(prng=random.Random(1)), name="market")
    market.setup({"tickSize": tick_size, "marketPrice": PRICE})
    market._update_time(PRICE)
    market._is_running = True
    return market


def limit(side: int, price: float, lots: int, agent: int) -> Order:
    """Return a limit order."""
    return Order(agent_id=agent, market_id=0, is_buy=side > 0, kind=LIMIT_ORDER, volume=lots, price=price)


def run_flow(path: str) -> dict[str, object]:
    """Carry out messages: kind (0 limit, 1 market, 2 cancel), side, price, lots, agent, arrival of the order meant."""
    rows, market = np.load(path).tolist(), open_market()
    orders: list[Order] = []
    fills: list[tuple[int, int]] = []
    started = time.process_time()
    for kind, side, price, lots, agent, about in rows:
        if kind == 2:
            market._cancel_order(Cancel(orders[about - 1]))
            continue
        if kind == 1:
            order = Order(agent_id=agent, market_id=0, is_buy=side > 0, kind=MARKET_ORDER, volume=lots)
        else:
            order = limit(side, float(price), lots, agent)
        orders.append(order)
        market._add_order(order)
        fills += [(fill.volume, int(fill.price)) for fill in market._execution()]
    seconds = time.process_time() - started
    return {"seconds": seconds, "fills": fills, "resting": len(market.buy_order_book) + len(market.sell_order_book)}


def run_sweep() -> dict[str, list[float]]:
    """Buy three lots at up to 102 where one lot each is offered at 100, 101 and 102; return the prices paid."""
    market = open_market()
    for price in (100.0, 101.0, 102.0):
        market._add_order(limit(-1, price, 1, 0))
    market._add_order(limit(1, 102.0, 3, 1))
    return {"prices": [fill.price for fill in market._execution()]}


class TimedRunner(SequentialRunner):
    """PAMS's own runner, which also notes the CPU seconds of its last session."""

    def _iterate_market_updates(self, session: Session) -> None:
        started = time.process_time()
        super()._iterate_market_updates(session)
        self.seconds = time.process_time() - started


def run_fcn(agents: int, orders_per_step: int, steps: int, seed: int) -> dict[str, float]:
    """Run a market of FCN agents; neither the opening nor its trades are timed or counted."""
    common = {"withOrderPlacement": True, "withPrint": False, "maxNormalOrders": orders_per_step}
    opening = {"sessionName": 0, "iterationSteps": OPENING, "withOrderExecution": False, **common}
    crossing = {"sessionName": 1, "iterationSteps": 1, "withOrderExecution": True, **common}
    trading = {"sessionName": 2, "iterationSteps": steps, "withOrderExecution": True, **common}
    settings = {
        "simulation": {"markets": ["Market"], "agents": ["FCNAgents"], "sessions": [opening, crossing, trading]},
        "Market": {"class": "Market", "tickSize": TICK, "marketPrice": PRICE, "outstandingShares": 25_000},
        "FCNAgents": {**AGENTS, "numAgents": agents},
    }
    runner = TimedRunner(settings=settings, prng=random.Random(seed))
    with contextlib.redirect_stdout(io.StringIO()):
        runner.main()
    market, times = runner.simulator.markets[0], range(OPENING + 1, OPENING + 1 + steps)
    return {
        "seconds": runner.seconds,
        "orders": sum(market.get_n_buy_orders(times)) + sum(market.get_n_sell_orders(times)),
        "trades": sum(market.get_executed_volumes(times)),
        "resting": len(market.buy_order_book) + len(market.sell_order_book),
        "price": market.get_market_price(),
    }


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")  # prices off PAMS's ticks are rounded with a warning each
    task, *arguments = sys.argv[1:]
    if task == "fcn":
        found: object = run_fcn(*map(int, arguments))
    else:
        found = run_flow(*arguments) if task == "flow" else run_sweep()
    print(json.dumps(found))
