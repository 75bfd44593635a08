"""One stretch of a swap: the price moves while liquidity does not change.

A step ends at its target (the next tick with liquidity, or the trader's limit) or where the amount is used up. The
formulas take the size of the move from the amount, never from the difference of two nearly equal prices. Each rounding
is against the trader: the state of the pool after a step never claims more of what comes in than is paid for it, nor
releases less of what goes out than is given for it.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import helper
from catallaxy.numba_kernels.concentrated_state import DOWN, MILLION, UP, round_down, round_up

__all__ = ["fee_on_top", "fee_within", "step_down", "step_up"]

#: The sum of two floats keeps a price to 2**-105 of it.
_GRAIN = 2.0**-100
#: Times a fee in parts per million this is still a 64-bit number.
_NO_OVERFLOW = 2**43


@helper
def fee_within(amount: int, fee: int) -> int:
    """Return the fee, in parts per million, that an amount contains, rounded up."""
    if amount < _NO_OVERFLOW:
        return (amount * fee + (MILLION - 1)) // MILLION
    return (amount // MILLION) * fee + ((amount % MILLION) * fee + (MILLION - 1)) // MILLION


@helper
def fee_on_top(amount: int, fee: int) -> int:
    """Return what to add to an amount so that the sum contains the fee, rounded up."""
    rest = MILLION - fee
    if amount < _NO_OVERFLOW:
        return (amount * fee + (rest - 1)) // rest
    return (amount // rest) * fee + ((amount % rest) * fee + (rest - 1)) // rest


@helper
def _less(move: float, root: float) -> float:
    """Return a little less than a move."""
    return max(move * DOWN - root * _GRAIN, 0.0)


@helper
def _more(move: float, root: float) -> float:
    """Return a little more than a move."""
    return move * UP + root * _GRAIN


@helper
def _moved(root: float, rest: float, move: float) -> tuple[float, float]:
    """Add a move to a price held as a sum of two floats (Dekker's error-free addition)."""
    total = root + move
    rest += move - (total - root) if abs(move) <= root else root - (total - move)
    new = total + rest
    return new, rest - (new - total)


@helper
def step_down(
    root: float, rest: float, liquidity: float, target: float, amount: int, exact_in: bool
) -> tuple[float, float, int, int]:
    """Sell tokens: let the price fall, at most to `target`; return the price (two floats), tokens in, dollars out.

    A root that falls to less than half is worked out itself; its difference from the old one would say too little.
    """
    gap, asked = (root - target) + rest, float(amount) * (DOWN if exact_in else UP)
    if (asked * (root * target) if exact_in else asked) < liquidity * gap:
        spent = asked * root
        if exact_in and spent > liquidity:
            new, new_rest = liquidity * root / (liquidity + spent) * UP, 0.0
            move = (root - new) + rest
        else:
            move = spent * root / (liquidity + spent) if exact_in else asked / liquidity
            move = max(move - root * _GRAIN, 0.0) if exact_in else move + root * _GRAIN
            new, new_rest = _moved(root, rest, -move)
        if (new - target) + new_rest > 0.0:
            tokens = amount if exact_in else round_up(liquidity * _more(move, root) / (root * new))
            usd = round_down(liquidity * _less(move, root)) if exact_in else amount
            return new, new_rest, tokens, usd
    tokens, usd = round_up(liquidity * gap / (root * target)), round_down(liquidity * gap)
    return target, 0.0, min(tokens, amount) if exact_in else tokens, usd if exact_in else min(usd, amount)


@helper
def step_up(
    root: float, rest: float, liquidity: float, target: float, amount: int, exact_in: bool
) -> tuple[float, float, int, int]:
    """Buy tokens: let the price rise, at most to `target`; return the price (two floats), dollars in, tokens out."""
    gap, asked = (target - root) - rest, float(amount) * (DOWN if exact_in else UP)
    if (asked if exact_in else asked * (root * target)) < liquidity * gap:
        wanted = asked * root
        move = asked / liquidity if exact_in else wanted * root / (liquidity - wanted)
        move = max(move - root * _GRAIN, 0.0) if exact_in else _more(move, root)
        new, new_rest = _moved(root, rest, move)
        if (new - target) + new_rest < 0.0:
            usd = amount if exact_in else round_up(liquidity * _more(move, root))
            tokens = round_down(liquidity * _less(move, new) / (root * new)) if exact_in else amount
            return new, new_rest, usd, tokens
    usd, tokens = round_up(liquidity * gap), round_down(liquidity * gap / (root * target))
    return target, 0.0, min(usd, amount) if exact_in else usd, tokens if exact_in else min(tokens, amount)
