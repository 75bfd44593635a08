"""Users who hold tokens to transact, each where the rest of them makes it worth the cost."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import Floats, kernel
from catallaxy.numba_kernels.elementary import exp, log

__all__ = ["join"]


@kernel
def join(taste: Floats, least: float, network_effect: float, rounds: int) -> tuple[int, float]:
    """Let users join and leave, from everybody on, until nobody wants to move.

    Parameters
    ----------
    taste : float64[n]
        Log productivity u of each user.
    least : float64
        Taste of who is indifferent where everybody uses the platform.
    network_effect : float64
        By how much it rises with minus the log of the share of users (gamma).
    rounds : int64
        Most rounds of decisions.

    Returns
    -------
    (int64, float64)
        Users at the end, and the sum of exp(u) over them.
    """
    n, users = taste.size, taste.size
    for _ in range(rounds):
        threshold = least - network_effect * log(max(users / n, 1e-12))
        now = 0
        for i in range(n):
            now += 1 if taste[i] > threshold else 0
        if now == users:
            break
        users = now
    threshold = least - network_effect * log(max(users / n, 1e-12))
    demand = 0.0
    for i in range(n):
        if taste[i] > threshold:
            demand += exp(taste[i])
    return users, demand
