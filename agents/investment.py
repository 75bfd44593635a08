"""Investment of compute nodes: when the value of a GPU exceeds its price by enough to give up waiting."""

from __future__ import annotations

import math

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Flags, Floats, Ints, Population
from catallaxy.agents.rates import Rate, rate

__all__ = ["Hardware", "InvestmentSpec", "multiples"]

_HOURS_PER_YEAR = 24.0 * 365.25


def multiples(discount: float, drift: float, price_fall: float, volatility: float) -> tuple[float, float]:
    """Return the values over the price at which a firm invests, and over the resale price at which it sells.

    What a unit earns follows a geometric Brownian motion and the price of a new unit falls steadily, so that value over
    price, X, moves with drift `drift + price_fall`. With b > 1 > 0 > c the roots of
    s^2/2 x(x - 1) + (drift + price_fall) x - (discount + price_fall) = 0, the triggers are b/(b - 1) and c/(c - 1)
    (Dixit & Pindyck 1994, ch. 5 to 7), each as if the other did not exist.

    Parameters
    ----------
    discount, drift, price_fall : float, 1/year
        Cost of capital, trend of what a unit earns, and rate at which its price falls; drift < discount.
    volatility : float, 1/sqrt(year)

    Returns
    -------
    (float, float)
    """
    half, trend = 0.5 * volatility * volatility, drift + price_fall
    middle = trend - half
    root = math.sqrt(middle * middle + 4.0 * half * (discount + price_fall))
    high, low = (-middle + root) / (2.0 * half), (-middle - root) / (2.0 * half)
    return high / (high - 1.0), low / (low - 1.0)


class InvestmentSpec(Spec):
    """How owners of nodes decide to buy and sell hardware, and how it ages."""

    discount: float = quantity(
        0.15,
        unit="1/year",
        doc="Cost of capital.",
        gt=0,
        le=5,
        source="Assumption: near what GPU clouds paid lenders in 2023 and 2024, 10 to 15 %.",
    )
    decline: float = quantity(
        0.2,
        unit="1/year",
        doc="Rate at which owners expect a GPU's earnings to fall.",
        ge=0,
        le=5,
        source="As its price.",
    )
    price_fall: float = quantity(
        0.2,
        unit="1/year",
        doc="Rate at which owners expect the price of new hardware of equal performance to fall.",
        ge=0,
        le=5,
        source="Trend of the driver hardware_price: 1.22-fold performance per dollar a year (Epoch AI).",
    )
    volatility: float = quantity(
        0.5,
        unit="1/sqrt(year)",
        doc="Volatility that owners expect of what a GPU earns.",
        ge=0.01,
        le=5,
        source="Assumption, between that of cloud prices (0.25 in the driver) and that of tokens (about 1).",
    )
    failures: Rate = rate(
        {"per_year": 0.09},
        doc="Hazard with which a GPU breaks for good.",
        ge=0,
        source="Llama Team (2024), arXiv 2407.21783, table 5: 220 failures of GPUs and their memory among 16,384 in 54 "
        "days of training, 9 % a year.",
    )
    efficiency_gain: Rate = rate(
        {"per_year": 0.34},
        doc="Rate at which the power that new hardware of equal performance draws falls.",
        ge=0,
        source="Epoch AI, machine-learning hardware: 40 % more operations per watt each year, ln(1.4) = 0.34.",
    )
    resale: float = quantity(
        0.5,
        unit="1",
        doc="Price of a used GPU over that of a new one of equal performance.",
        ge=0,
        lt=1,
        source="Assumption: what sets irreversible purchases apart; nothing could be got back in the limit of 0.",
    )
    pace: Rate = rate(
        {"per_year": 1.0},
        doc="Fastest growth or sale of a node's hardware, as a share of it or of what it had at first.",
        ge=1e-3,
        source="Assumption: delivery and installation take months (H100: 8 to 52 weeks in 2023 and 2024).",
    )
    own_effect: float = quantity(
        1.0,
        unit="1",
        doc="How far owners count that more of their GPUs lower what each earns: 0 not at all, 1 as in Cournot.",
        ge=0,
        le=1,
        source="N. Arnosti & S. M. Weinberg (2022), Management Science 68, 4755: the contest among miners.",
    )
    owners_money: float = quantity(
        1.0,
        unit="1",
        doc="Largest share of a purchase for which owners bring money when the node's cash above its target is short.",
        ge=0,
        le=1,
    )

    @property
    def triggers(self) -> tuple[float, float]:
        """Value over price of new hardware at which owners buy, and at which they sell."""
        entry, leave = multiples(self.discount, -self.decline, self.price_fall, self.volatility)
        return entry, leave * self.resale

    def worth(self, dt_days: float) -> float:
        """Return the value of a GPU of which an hour nets one dollar now, USD."""
        lost = self.failures.probability(dt_days) * 365.25 / dt_days
        return _HOURS_PER_YEAR / (self.discount + self.decline + lost)


class Hardware:
    """What each node owns, and the rule by which that changes.

    Parameters
    ----------
    nodes : Population
        Gets the columns `installed`, `original`, `first_power`, `first_required` and `first_cash`.
    spec : InvestmentSpec
    at_first : (int64[n], float64[n], int64[n])
        Capacity (milli-GPU-hours per step), power (kW per GPU) and collateral required (base units) at the start.
    per_gpu : float
        Milli-GPU-hours that a GPU makes in a step.

    Attributes
    ----------
    first_cash : int64[n], micro-USD
        Cash that a node wanted to keep at the start.
    """

    def __init__(
        self, nodes: Population, spec: InvestmentSpec, at_first: tuple[Ints, Floats, Ints], per_gpu: float
    ) -> None:
        capacity, power, required = at_first
        self.spec, self._per_gpu, self._dt_days = spec, per_gpu, nodes.site.dt_days
        self._installed: Floats = nodes.store("installed", capacity.astype(np.float64))
        self._original: Floats = nodes.store("original", capacity.astype(np.float64))
        self._first_power: Floats = nodes.store("first_power", power.copy())
        self._first_required: Ints = nodes.store("first_required", required.copy())
        self.first_cash: Ints = nodes.zeros("first_cash")
        self._tally = np.zeros((nodes.site.n_networks, 8), np.int64)

    def gpus(self, milli_hours: Ints) -> Floats:
        """Return the GPUs that make some milli-GPU-hours in a step."""
        return milli_hours / self._per_gpu

    def invest(
        self,
        fleet: nk.compute_market.Fleet,
        occasion: tuple[nk.compute_market.Outlook, Ints, float, int],
        till: nk.investment.Till,
        allowed: Flags | None,
    ) -> Ints:
        """Let hardware break, and owners buy or sell.

        Parameters
        ----------
        fleet : Fleet
        occasion : (Outlook, int64[K], float, int)
            What nodes expect, capacity online (milli-GPU-hours), price of a GPU (USD), step.
        till : Till
        allowed : int8[n] or None
            1 for those that may buy; None where all may.

        Returns
        -------
        int64[K, 8]
            The tally of `numba_kernels.investment.invest`.
        """
        outlook, offered, price, step = occasion
        able = np.ones(len(self._installed), np.int8) if allowed is None else allowed
        rigs = nk.investment.Rigs(self._installed, self._original, self._first_power, able)
        nk.investment.invest(fleet, outlook, offered, self._appraisal(price, step), rigs, till, self._tally)
        return self._tally

    def scale(self, required: Ints, cash_target: Ints) -> None:
        """Let collateral required and cash wanted follow what is owned."""
        size = self._installed / self._original
        required[:] = (self._first_required * size).astype(np.int64)
        cash_target[:] = (self.first_cash * size).astype(np.int64)

    def _appraisal(self, hardware_price: float, step: int) -> nk.investment.Appraisal:
        spec, dt = self.spec, self._dt_days
        entry, leave = spec.triggers
        return nk.investment.Appraisal(
            spec.worth(dt),
            hardware_price,
            entry,
            leave,
            spec.resale,
            spec.pace.probability(dt),
            spec.failures.probability(dt),
            nk.elementary.power_scalar(1.0 - spec.efficiency_gain.probability(dt), float(step)),
            self._per_gpu,
            spec.own_effect,
            spec.owners_money,
        )
