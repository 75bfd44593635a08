r"""What a better offer is worth to a buyer, in closed form.

Whoever buys :math:`x(P) = x_0 (P/P_0)^{-\varepsilon}` units, spends :math:`S_0` at the price :math:`P_0` and gets an
offer as good as the price :math:`P_0 e^{-g}` gains

.. math::
    \int_{P_0 e^{-g}}^{P_0} x(P)\, dP = S_0\, \psi(g), \qquad
    \psi(g) = \frac{1 - e^{-(1 - \varepsilon) g}}{1 - \varepsilon}, \qquad \psi(g) = g \text{ where } \varepsilon = 1 .

Among offers with utilities :math:`u_k` over the one at :math:`P_0`, chosen by a logit, the expected gain of a free
choice is the inclusive value :math:`I = \ln (1 + \sum_k e^{u_k})` (K. A. Small and H. S. Rosen, "Applied Welfare
Economics with Discrete Choice Models", *Econometrica* 49 (1981), 105). Those who stay with the old offer gain nothing,
so whoever has chosen another gains :math:`I / W` on average, :math:`W` being the probability of that; the best utility
of a logit has the same mean whichever offer it belongs to. With the weight b of the log price in utility, that is worth
a price lower by the factor :math:`e^{-g}`, :math:`g = I / (b W)`.
"""

from __future__ import annotations

from catallaxy import numba_kernels as nk

__all__ = ["gain_in_money", "log_price_gain"]

#: Elasticities this close to 1 count as 1: the error is of the order of the square of the gain times this.
_UNIT = 1e-9


def gain_in_money(gain: float, elasticity: float) -> float:
    """Return what a gain is worth, per dollar spent at the old price.

    Parameters
    ----------
    gain : float
        Log of the old price over the one that the new offer is as good as.
    elasticity : float
        Of the quantity to the price, with its sign turned.

    Returns
    -------
    float
        Negative where the new offer is worse.
    """
    rest = 1.0 - elasticity
    if abs(rest) < _UNIT:
        return gain
    return (1.0 - nk.elementary.exp_scalar(-rest * gain)) / rest


def log_price_gain(advantage: float, price_weight: float) -> float:
    """Return the mean gain of those who have chosen another offer than the old one, in logs of the price.

    Parameters
    ----------
    advantage : float
        Weight of the new offers over that of the old one: the sum of exp(utility).
    price_weight : float
        Weight of the log price in utility; positive.

    Returns
    -------
    float
    """
    chosen = advantage / (1.0 + advantage)
    return float(nk.elementary.log1p_scalar(advantage) / (price_weight * chosen)) if chosen > 0.0 else 0.0
