r"""Unit roots and conditional volatility of prices, estimated by the package `arch`.

A log price without a unit root would come back to a mean; daily prices hardly do. Conditional volatility is that of
Glosten, Jagannathan and Runkle,

.. math::
    \sigma_t^2 = \omega + (\alpha + \gamma\,[e_{t-1} < 0])\, e_{t-1}^2 + \beta\, \sigma_{t-1}^2,

which is GARCH(1,1) without :math:`\gamma`, with shocks of Student's t distribution. Its persistence is
:math:`\alpha + \gamma / 2 + \beta`; with a persistence of 1 or more, volatility has no mean to come back to.

References
----------
J. D. Hamilton, *Time Series Analysis*, Princeton 1994, chapters 17 and 21;
L. R. Glosten, R. Jagannathan and D. E. Runkle, *Journal of Finance* 48 (1993), 1779;
A. W. Lo and A. C. MacKinlay, *Review of Financial Studies* 1 (1988), 41 (variance ratio).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.errors import PricesError

__all__ = ["UnitRootTest", "VolatilityModel", "unit_roots", "volatility"]


@dataclass(frozen=True)
class UnitRootTest:
    """One test of the log price.

    Attributes
    ----------
    name : str
    null : str
        What a small p-value speaks against.
    statistic, p : float
    lags : int
        Of the regression, or of the estimate of the long-run variance; steps of the variance ratio.
    """

    name: str
    null: str
    statistic: float
    p: float
    lags: int


@dataclass(frozen=True)
class VolatilityModel:
    """Estimates of the volatility of log returns; standard errors are robust.

    Attributes
    ----------
    arch, leverage, garch : float
        Alpha, gamma and beta.
    arch_error, leverage_error, garch_error : float
    persistence : float
        Alpha + gamma / 2 + beta.
    half_life : float
        Steps after which half of a shock to volatility is gone; infinite when persistence is 1 or more.
    sd : float
        Unconditional standard deviation of a step's log return; NaN when persistence is 1 or more.
    freedom : float
        Degrees of freedom of the shocks.
    """

    arch: float
    arch_error: float
    leverage: float
    leverage_error: float
    garch: float
    garch_error: float
    persistence: float
    half_life: float
    sd: float
    freedom: float


def unit_roots(prices: Prices, horizon: int = 20) -> list[UnitRootTest]:
    """Test whether a log price has a unit root.

    Parameters
    ----------
    prices : Prices
        Without gaps.
    horizon : int, optional
        Steps whose variance is compared with that of a single one.

    Returns
    -------
    list of UnitRootTest
        Augmented Dickey-Fuller and Phillips-Perron (null: a unit root), KPSS (null: none), variance ratio (null:
        returns are not correlated).

    Raises
    ------
    PricesError
        When `arch` is not installed.
    """
    _require_arch()
    from arch import unitroot

    log_price = np.log(prices.close)
    tests = (
        ("ADF", "unit root", unitroot.ADF(log_price, trend="c", method="bic")),
        ("Phillips-Perron", "unit root", unitroot.PhillipsPerron(log_price, trend="c")),
        ("KPSS", "no unit root", unitroot.KPSS(log_price, trend="c", lags=-1)),
        ("variance ratio", "no autocorrelation", unitroot.VarianceRatio(log_price, horizon, robust=True)),
    )
    return [UnitRootTest(name, null, float(t.stat), float(t.pvalue), int(t.lags)) for name, null, t in tests]


def volatility(prices: Prices) -> VolatilityModel:
    """Estimate a model of the conditional volatility of log returns.

    Parameters
    ----------
    prices : Prices
        Without gaps.

    Returns
    -------
    VolatilityModel

    Raises
    ------
    PricesError
        When `arch` is not installed, or the likelihood has no maximum that it finds.
    """
    _require_arch()
    from arch import arch_model

    scale = 1.0 / float(np.std(prices.log_returns))
    model = arch_model(scale * prices.log_returns, vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    fit = model.fit(disp="off", show_warning=False)
    if fit.convergence_flag:
        raise PricesError(f"{prices.name}: the volatility model finds no maximum of its likelihood")
    alpha, gamma, beta = (float(fit.params[name]) for name in ("alpha[1]", "gamma[1]", "beta[1]"))
    errors = (float(fit.std_err[name]) for name in ("alpha[1]", "gamma[1]", "beta[1]"))
    persistence = alpha + 0.5 * gamma + beta
    lasting = persistence >= 1.0
    half_life = math.inf if lasting else math.log(0.5) / math.log(persistence) if persistence > 0.0 else 0.0
    sd = math.nan if lasting else math.sqrt(float(fit.params["omega"]) / (1.0 - persistence)) / scale
    alpha_error, gamma_error, beta_error = errors
    return VolatilityModel(
        alpha, alpha_error, gamma, gamma_error, beta, beta_error, persistence, half_life, sd, float(fit.params["nu"])
    )


def _require_arch() -> None:
    try:
        import arch  # noqa: F401
    except ImportError as error:
        raise PricesError("the package arch is not installed: pip install 'catallaxy[econometrics]'") from error
