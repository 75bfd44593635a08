"""The token's price as a function of the platform's productivity, by the equation that it must satisfy.

With a = ln A and p = ln P, the market for tokens clears where users with u above a threshold hold them; both follow
from the expected rise of the price mu_P, and p(a) must rise as expected (Ito's lemma).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity

__all__ = ["Economy", "Solution", "solve"]

Floats = npt.NDArray[np.float64]

#: The threshold is looked for within so many standard deviations of tastes, in so many halvings.
_FAR, _HALVINGS = 60.0, 100


class Economy(Spec):
    """A platform, its users, and the shocks to its productivity."""

    transaction_share: float = quantity(0.3, unit="1", doc="Exponent of productivity in what holdings earn (beta).")
    cost: float = quantity(1.0, unit="good/year", doc="Cost of taking part (chi).", gt=0)
    discount: float = quantity(0.05, unit="1/year", doc="Risk-free rate (r).", gt=0)
    growth: float = quantity(0.02, unit="1/year", doc="Expected growth of productivity (mu_A).")
    volatility: float = quantity(2.0, unit="1/sqrt(year)", doc="Volatility of productivity (sigma_A).", gt=0)
    dispersion: float = quantity(unit="1", doc="Standard deviation of log tastes (theta).", gt=0)
    tokens: float = quantity(1e10, unit="token", doc="Supply (M).", gt=0)
    network_effect: float = quantity(unit="1", doc="Exponent of users in productivity (gamma).", ge=0)
    low: float = quantity(unit="1", doc="Lowest log productivity.")
    high: float = quantity(unit="1", doc="Highest log productivity.")

    def yield_of(self, threshold: Floats, a: Floats | float) -> Floats:
        """Return ln((1 - beta) / (r - mu_P)) / beta at which a user at the threshold is indifferent."""
        from scipy.stats import norm

        joined = self.network_effect * norm.logsf(threshold / self.dispersion)
        top = -joined - threshold + math.log(self.cost / self.transaction_share) - a
        found: Floats = top / (1.0 - self.transaction_share)
        return found

    def log_price(self, threshold: Floats, a: Floats | float) -> Floats:
        """Return the log price at which users above the threshold hold all tokens."""
        from scipy.stats import norm

        theta = self.dispersion
        joined = self.network_effect * norm.logsf(threshold / theta)
        wanted = a + theta**2 / 2.0 + norm.logcdf(theta - threshold / theta)
        found: Floats = joined + wanted + self.yield_of(threshold, a) - math.log(self.tokens)
        return found

    def threshold(self, p: Floats, a: Floats | float) -> Floats:
        """Return the threshold at which the log price is p, by bisection: the higher it is, the fewer hold tokens."""
        high = np.full(np.shape(p), _FAR * self.dispersion)
        low = -high
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            dear = self.log_price(middle, a) > p
            low, high = np.where(dear, middle, low), np.where(dear, high, middle)
        found: Floats = 0.5 * (low + high)
        return found

    def rise(self, p: Floats, a: Floats | float) -> Floats:
        """Return the expected rise of the price at which it is p, mu_P."""
        beta = self.transaction_share
        found: Floats = self.discount - (1.0 - beta) * np.exp(-beta * self.yield_of(self.threshold(p, a), a))
        return found

    def log_price_when_grown(self, a: Floats | float) -> Floats | float:
        """Return the log price once everybody uses the platform."""
        beta = self.transaction_share
        grown: Floats | float = (
            a
            + self.dispersion**2 / 2.0
            - math.log(self.tokens)
            + math.log((1.0 - beta) / (self.discount - self.growth)) / beta
        )
        return grown

    @property
    def first_slope(self) -> float:
        """Elasticity of the price while hardly anybody uses the platform: root of s^2/2 k (k - 1) + mu k - r = 0."""
        variance = self.volatility**2
        drift = self.growth - variance / 2.0
        return (math.sqrt(drift * drift + 2.0 * variance * self.discount) - drift) / variance

    def users_without_token(self, a: float) -> float:
        """Return the share of users where transactions are in goods, so that nothing is earned by holding."""
        from scipy.optimize import brentq
        from scipy.stats import norm

        beta = self.transaction_share
        wanted = math.log((1.0 - beta) / self.discount) / beta

        def gap(threshold: Floats) -> Floats:
            return self.yield_of(threshold, a) - wanted

        grid = np.linspace(-40.0 * self.dispersion, 40.0 * self.dispersion, 8001)
        signs = np.sign(gap(grid))
        turns = np.flatnonzero(signs[:-1] != signs[1:])
        if not len(turns):
            return 0.0
        return float(norm.sf(brentq(gap, grid[turns[0]], grid[turns[0] + 1]) / self.dispersion))


class Solution:
    """The price that solves the equation.

    Parameters
    ----------
    economy : Economy
    path : callable (float64[n]) -> float64[2, n]
        Log price and its slope.
    """

    def __init__(self, economy: Economy, path: object) -> None:
        self.economy, self._path = economy, path

    def price(self, a: Floats) -> tuple[Floats, Floats]:
        """Return log prices and their slopes at log productivities."""
        p, slope = self._path(np.asarray(a, np.float64))  # type: ignore[operator]
        return p, slope

    def users(self, a: Floats) -> Floats:
        """Return the share of users at log productivities."""
        from scipy.stats import norm

        p, _ = self.price(a)
        share: Floats = norm.sf(self.economy.threshold(p, a) / self.economy.dispersion)
        return share


def solve(economy: Economy, nodes: int = 400) -> Solution:
    """Solve the equation of the price between a platform that nobody uses and one that everybody uses.

    Parameters
    ----------
    economy : Economy
    nodes : int, optional
        Points to begin with.

    Raises
    ------
    RuntimeError
        When the solver does not converge.
    """
    from scipy.integrate import solve_bvp

    variance = economy.volatility**2

    def slopes(a: Floats, y: Floats) -> Floats:
        curve = 2.0 * (economy.rise(y[0], a) - y[1] * (economy.growth - variance / 2.0)) / variance - y[1] ** 2
        return np.vstack([y[1], curve])

    def ends(low: Floats, high: Floats) -> Floats:
        return np.array([low[1] - economy.first_slope, high[0] - economy.log_price_when_grown(economy.high)])

    a = np.linspace(economy.low, economy.high, nodes)
    guess = np.vstack([np.asarray(economy.log_price_when_grown(a)), np.ones_like(a)])
    found = solve_bvp(slopes, ends, a, guess, tol=1e-8, max_nodes=200_000)
    if not found.success:
        raise RuntimeError(f"the equation of the price was not solved: {found.message}")
    return Solution(economy, found.sol)
