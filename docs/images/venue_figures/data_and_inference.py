"""Figures of the markets for data licences and for AI services."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from catallaxy.agents.data_providers import DataProviders, DataProvidersSpec
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.model_builders import ModelBuilders, ModelBuildersSpec
from catallaxy.agents.population import Site
from catallaxy.sim.markets.services import Bargaining, Cheapest, Logit, PostedPrice
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "data_markets", "inference_markets"]

Floats = npt.NDArray[np.float64]

_MICRO, _MILLI = 1e6, 1e3
_HEIGHT = 3.4


def _site() -> Site:
    return Site(np.uint64(5), 0, 1, np.full(1, 10**9), np.ones(1), 1.0, Lanes())


def _data_people(count: int, income: float, **provider: Any) -> tuple[DataProviders, ModelBuilders]:
    """Return providers on offer and one builder."""
    providers = DataProvidersSpec(kind="data_providers", count=count, **provider).build("providers", _site())
    builders = ModelBuildersSpec(kind="model_builders", count=1).build("builders", _site())
    providers.offer(np.array([income]), 0.0)
    return providers, builders


class DataFigure(NamedTuple):
    """What a builder licenses, and who gets the surplus.

    Attributes
    ----------
    budget : float64[n], USD
    licensed, spent : float64[n], unit and USD
        What the builder gets at posted prices, and what it pays.
    worth : float64[m], USD
        What one licence is worth to a builder.
    fee : dict of float to float64[m], USD
        What a provider bargains for it, by its power.
    cost : float, USD
        What the licence costs the provider.
    """

    budget: Floats
    licensed: Floats
    spent: Floats
    worth: Floats
    fee: dict[float, Floats]
    cost: float


def data_markets() -> DataFigure:
    """Give one builder larger and larger budgets: among 400 providers at posted prices, and with one who bargains."""
    budget = np.linspace(0.0, 1.3, 131)
    licensed, spent = np.empty((2, budget.size))
    for i, dollars in enumerate(budget):
        providers, builders = _data_people(400, 10.0)
        builders.budget[:] = builders.usd[:] = round(dollars * _MICRO)
        paid, _ = PostedPrice(kind="posted-price").clear(providers, builders, 0.0)
        licensed[i], spent[i] = builders.licensed[0] / 1e3, paid[0] / _MICRO
    worth, cost, fee = np.sort(np.append(np.linspace(0.0, 4.0, 81), 1.005)), 1.0, {}
    for power in (0.0, 0.5, 1.0):
        market = Bargaining(kind="bargaining", provider_power=power)
        fee[power] = np.array([_bargained(market, value, cost) for value in worth])
    return DataFigure(budget, licensed, spent, worth, fee, cost)


def _bargained(market: Bargaining, worth: float, cost: float) -> float:
    """Return the fee for the only data there is, which is worth the builder's whole budget."""
    providers, builders = _data_people(1, 10.0, size=1.0, quality=1.0, privacy_cost=cost, upkeep=0.0)
    builders.budget[:] = builders.usd[:] = round(worth * _MICRO)
    market.clear(providers, builders, 0.0)
    return float(providers.income[0]) / _MICRO


def draw_data_markets(data: DataFigure) -> Figure:
    """Draw what a budget buys at posted prices, and how bargaining splits the surplus."""
    figure, (left, right) = axes_grid(2, columns=2, height=_HEIGHT, dated=False)
    left.plot(data.budget, data.licensed, color=COLOURS[0], drawstyle="steps-post", label="data licensed")
    left.axhline(data.licensed[-1], color=GREY, linestyle="--", linewidth=1.0, label="all data on offer")
    left.set_title("Posted prices: the cheapest data first")
    left.set_xlabel("Budget of a builder (USD/day)")
    left.set_ylabel("Data licensed (units)")
    left.legend(loc="lower right")
    for number, (power, fee) in enumerate(data.fee.items()):
        right.plot(data.worth, fee, color=COLOURS[number], label=f"provider's power {power:g}")
    right.plot(data.worth, data.worth, color=GREY, linestyle=":", linewidth=1.0, label="worth to the builder")
    right.axvline(data.cost, color=GREY, linestyle="--", linewidth=1.0, label="cost to the provider")
    right.set_title("Bargaining: who gets the surplus")
    right.set_xlabel("Worth of a licence to the builder (USD/day)")
    right.set_ylabel("Fee (USD/day)")
    right.set_ylim(-0.1, 4.1)
    right.legend(loc="lower right", ncols=2, columnspacing=1.0)
    return figure


class InferenceFigure(NamedTuple):
    """How users spread over builders.

    Attributes
    ----------
    price : float64[n]
        Price of one builder over that of its three rivals.
    logit : dict of float to float64[n]
        Its share of what users spend, by the pull of price.
    cheapest : dict of float to float64[n]
        The same where users go to the cheapest, by capacity: the share of users' spending that it can serve.
    """

    price: Floats
    logit: dict[float, Floats]
    cheapest: dict[float, Floats]


#: What rivals add to unit cost; what users spend in a step (micro-USD); unit cost (USD).
_MARKUP, _SPENDING, _UNIT_COST = 1.0, 10**9, 1.0


def inference_markets() -> InferenceFigure:
    """Let one of four builders, equal but for its price, become dearer and dearer."""
    price = np.linspace(0.6, 1.6, 201)
    logit = {theta: np.array([_share(ratio, 4.0, theta) for ratio in price]) for theta in (1.0, 3.0, 9.0)}
    cheapest = {able: np.array([_share(ratio, able, None) for ratio in price]) for able in (1.0, 0.6, 0.3)}
    return InferenceFigure(price, logit, cheapest)


def _share(ratio: float, able: float, theta: float | None) -> float:
    """Return the share of users' spending that the first builder serves.

    Each can serve `able` times that spending; `theta` is the pull of price in the logit, None for the cheapest.
    """
    alike: dict[str, Any] = {"appeal": 0.0, "markup": _MARKUP, "price_weight": 3.0 if theta is None else theta}
    spec = ModelBuildersSpec(kind="model_builders", count=4, **alike)
    builders = spec.build("builders", _site())
    builders.quality[:] = 1.0
    builders.markup[0] = ratio * (1.0 + _MARKUP) - 1.0
    prices = _UNIT_COST * (1.0 + builders.markup)
    builders.inference[:] = able * _SPENDING / _MICRO / prices * spec.hours_per_unit * _MILLI
    market = Cheapest(kind="cheapest") if theta is None else Logit(kind="logit")
    market.clear(builders, np.array([_SPENDING]), np.array([_UNIT_COST]), np.ones(1))
    return float(builders.income[0]) / _SPENDING


def draw_inference_markets(data: InferenceFigure) -> Figure:
    """Draw a builder's share of spending by its price, under both rules."""
    figure, (left, right) = axes_grid(2, columns=2, height=_HEIGHT, dated=False)
    for number, (theta, share) in enumerate(data.logit.items()):
        left.plot(data.price, 100.0 * share, color=COLOURS[number], label=f"pull of price {theta:g}")
    for number, (able, share) in enumerate(data.cheapest.items()):
        right.plot(data.price, 100.0 * share, color=COLOURS[number], label=f"each can serve {100 * able:g} % of demand")
    for panel, title in ((left, "Logit"), (right, "Cheapest")):
        panel.set_title(f"{title}: one of four builders")
        panel.set_xlabel("Its price over that of the others")
        panel.set_ylabel("Its share of spending (%)")
        panel.set_ylim(-3.0, 103.0)
        panel.legend(loc="upper right")
    return figure


#: What works a figure out, and what draws it, by the name of its file.
DRAWN: dict[str, tuple[Callable[[], NamedTuple], Callable[..., Figure]]] = {
    "data-markets": (data_markets, draw_data_markets),
    "inference-markets": (inference_markets, draw_inference_markets),
}
