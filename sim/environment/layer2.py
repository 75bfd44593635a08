"""Congestion of the layer 2 on which users and providers pay: demand for transactions against what it can carry."""

from __future__ import annotations

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.rates import Rate, rate

__all__ = ["Layer2Spec"]

_SECONDS_PER_DAY = 86_400.0


class Layer2Spec(Spec):
    """A layer 2 of limited throughput, whose fee clears the market for transactions.

    What all others would send at the uncongested fee is a share of the throughput; users' payments and settlements of
    data providers come on top. Demand falls with the fee at a constant elasticity e, so that with the demand D over the
    throughput at the uncongested fee, the fee is max(1, D) ** (1 / e) times as high.
    """

    payments: Rate = rate({"per_day": 1.0}, doc="On-chain payments of one user of a network (assumption).", ge=0)
    others: float = quantity(
        0.7,
        unit="1",
        doc="Share of the throughput that all others use when the fee is not raised (assumption).",
        ge=0,
        le=10,
    )
    elasticity: float = quantity(
        0.5,
        unit="1",
        doc="Elasticity of the demand for transactions to the fee, with its sign turned (assumption).",
        ge=0.05,
        le=10,
    )

    def use(self, users: float, settlements: float, throughput: float, dt_days: float) -> float:
        """Return demand at the uncongested fee over the throughput.

        Parameters
        ----------
        users : float, person
        settlements : float, payment/step
        throughput : float, transaction/second
        dt_days : float
            Length of a step.
        """
        per_day = users * self.payments.per_day + settlements / dt_days
        return self.others + per_day / (throughput * _SECONDS_PER_DAY)

    def dearer(self, use: float) -> float:
        """Return the fee over the uncongested one."""
        return 1.0 if use <= 1.0 else float(nk.elementary.power_scalar(use, 1.0 / self.elasticity))
