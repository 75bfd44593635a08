"""The published cases of Uniswap v3: pools, swaps and results, and the number formats of the published tests.

A pool of any implementation can be built from a `PublishedPool`: its fee, spacing, square-root price and positions are
all that the cases start from. `exact_pool` builds the one in whole numbers.
"""

from __future__ import annotations

import csv
import json
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache
from math import isqrt
from pathlib import Path
from typing import Any, NamedTuple

from catallaxy.sim.markets.exact.concentrated import ConcentratedPool
from catallaxy.sim.markets.exact.fixed_point import MAX_INT256, Q96
from catallaxy.sim.markets.exact.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO

VECTORS = Path(__file__).parents[1] / "sim" / "markets" / "exact" / "uniswap_v3"
#: Decimal places of the published price helper.
_PLACES = 10**40
_ENDS = {"MIN_SQRT_RATIO": MIN_SQRT_RATIO, "MAX_SQRT_RATIO - 1": MAX_SQRT_RATIO - 1}


class PublishedPool(NamedTuple):
    """One pool before its swap; positions are (lower tick, upper tick, liquidity)."""

    name: str
    fee: int
    tick_spacing: int
    sqrt_price: int
    positions: tuple[tuple[int, int, int], ...]
    reserves: tuple[int, int]
    formatted_price: str
    tick: int


class PublishedSwap(NamedTuple):
    """One swap: base units paid in, or (negative) received, up to a square-root price (None: the end of the range)."""

    name: str
    zero_for_one: bool
    amount: int
    sqrt_price_limit: int | None


class PublishedResult(NamedTuple):
    """What a swap does to a pool, or (`revert` is not empty) the reason why it is refused."""

    pool: PublishedPool
    swap: PublishedSwap
    revert: str
    amounts: tuple[int, int] = (0, 0)
    fee_growth: tuple[int, int] = (0, 0)
    tick: int = 0
    formatted_price: str = ""
    execution_price: str = ""


def encode_price_sqrt(token1: int, token0: int) -> int:
    """Return the square-root price of a ratio as the published tests do: quotient and root have 40 decimal places."""
    quotient = (2 * token1 * _PLACES + token0) // (2 * token0)
    root = isqrt(quotient * _PLACES)
    root += quotient * _PLACES - root * root > root
    return root * Q96 // _PLACES


def to_precision(value: Fraction, digits: int = 5) -> str:
    """Return a number with so many significant digits, in exponent form when it has more before the point."""
    if not value:
        return f"{0:.{digits - 1}f}"
    exact = Context(prec=80).divide(Decimal(value.numerator), Decimal(value.denominator))
    rounded = Context(prec=digits, rounding=ROUND_HALF_UP).plus(exact)
    exponent = rounded.adjusted()
    if exponent >= digits:
        return f"{rounded.scaleb(-exponent):.{digits - 1}f}e+{exponent}"
    return f"{rounded:.{digits - 1 - exponent}f}"


def format_price(sqrt_price: int) -> str:
    """Return the price, token1 per token0, of a square-root price."""
    return to_precision(Fraction(sqrt_price, Q96) ** 2)


def format_execution_price(amount0: int, amount1: int) -> str:
    """Return token1 per token0 traded."""
    if amount0 == 0:
        return "NaN" if amount1 == 0 else "-Infinity" if amount1 > 0 else "Infinity"
    return to_precision(Fraction(-amount1, amount0))


def vectors(name: str) -> Any:
    """Return one file of published cases."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


@cache
def published_pools() -> dict[str, PublishedPool]:
    """Return the 15 pools by name."""
    return {
        p["name"]: PublishedPool(
            p["name"],
            p["fee"],
            p["tick_spacing"],
            _ENDS[p["price"]] if isinstance(p["price"], str) else encode_price_sqrt(*p["price"]),
            tuple((lower, upper, liquidity) for lower, upper, liquidity in p["positions"]),
            (p["reserves"][0], p["reserves"][1]),
            p["formatted_price"],
            p["tick"],
        )
        for p in vectors("pools")["pools"]
    }


@cache
def published_swaps() -> dict[str, PublishedSwap]:
    """Return the 16 swaps by name."""
    return {
        s["name"]: PublishedSwap(
            s["name"],
            s["zero_for_one"],
            MAX_INT256 if s["amount"] is None else s["amount"],
            s["limit"] and encode_price_sqrt(*s["limit"]),
        )
        for s in vectors("pools")["swaps"]
    }


@cache
def published_results() -> tuple[PublishedResult, ...]:
    """Return the results of all 240 pairs of a pool and a swap."""
    with (VECTORS / "swaps.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_result(row) for row in csv.DictReader(file))


def _result(row: dict[str, str]) -> PublishedResult:
    pool, swap = published_pools()[row["pool"]], published_swaps()[row["swap"]]
    if row["revert"]:
        return PublishedResult(pool, swap, row["revert"])
    return PublishedResult(
        pool,
        swap,
        "",
        (int(row["amount0"]), int(row["amount1"])),
        (int(row["fee_growth0"]), int(row["fee_growth1"])),
        int(row["tick"]),
        row["price"],
        row["execution_price"],
    )


def exact_pool(pool: PublishedPool, owner: str = "provider") -> ConcentratedPool:
    """Return the pool in whole numbers, with its positions minted."""
    built = ConcentratedPool(pool.fee, pool.tick_spacing, pool.sqrt_price)
    for lower, upper, liquidity in pool.positions:
        built.mint(owner, lower, upper, liquidity)
    return built
