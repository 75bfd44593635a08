from __future__ import annotations

import itertools

import numpy as np
import pytest

from catallaxy.sim.sweeps.design.factorials import Fraction, fraction_of, smallest_fraction

#: Highest resolution by (factors, runs): Box, Hunter and Hunter (2005), Statistics for Experimenters, table 6.22.
TABLED = {
    (3, 4): 3,
    (4, 8): 4,
    (5, 8): 3,
    (5, 16): 5,
    (6, 8): 3,
    (6, 16): 4,
    (6, 32): 6,
    (7, 8): 3,
    (7, 16): 4,
    (7, 32): 4,
    (7, 64): 7,
    (8, 16): 4,
    (8, 32): 4,
    (8, 64): 5,
    (9, 16): 3,
    (9, 32): 4,
    (9, 64): 4,
    (9, 128): 6,
    (10, 16): 3,
    (10, 32): 4,
    (10, 64): 4,
    (10, 128): 5,
    (11, 16): 3,
    (11, 32): 4,
    (11, 64): 4,
    (11, 128): 5,
}


def signs(fraction: Fraction) -> np.ndarray:
    return np.where(np.array(fraction.signs()), 1, -1)


@pytest.mark.parametrize(("size", "resolution"), TABLED.items(), ids=str)
def test_resolutions_are_those_of_the_tables(size: tuple[int, int], resolution: int) -> None:
    factors, runs = size
    fraction = fraction_of(factors, runs.bit_length() - 1)
    assert fraction is not None
    assert fraction.resolution == resolution
    assert signs(fraction).shape == (runs, factors)


@pytest.mark.parametrize("factors", range(2, 9))
@pytest.mark.parametrize("resolution", [3, 4, 5])
def test_effects_below_half_the_resolution_are_really_apart(factors: int, resolution: int) -> None:
    fraction = smallest_fraction(factors, resolution)
    design = signs(fraction)
    assert (design.sum(axis=0) == 0).all()
    orders = [(1, 1), (1, 2), (2, 2)] if resolution >= 5 else [(1, 1), (1, 2)] if resolution == 4 else [(1, 1)]
    for one, other in orders:
        for a in itertools.combinations(range(factors), one):
            for b in itertools.combinations(range(factors), other):
                mixed = design[:, sorted(set(a) ^ set(b))].prod(axis=1)
                assert a == b or mixed.sum() == 0


@pytest.mark.parametrize(("factors", "free"), [(5, 3), (6, 4), (7, 4), (8, 5)])
def test_the_aliases_are_exactly_the_effects_with_equal_columns(factors: int, free: int) -> None:
    fraction = fraction_of(factors, free)
    assert fraction is not None
    design = signs(fraction)
    columns: dict[bytes, list[int]] = {}
    for size in (1, 2):
        for effect in itertools.combinations(range(factors), size):
            columns.setdefault(design[:, effect].prod(axis=1).tobytes(), []).append(sum(1 << i for i in effect))
    expected = sorted(sorted(effects) for effects in columns.values() if len(effects) > 1)
    assert sorted(sorted(effects) for effects in fraction.aliases()) == expected


def test_a_full_factorial_has_every_combination_and_no_alias() -> None:
    full = Fraction(3, ())
    assert full.signs() == [list(row) for row in itertools.product([False, True], repeat=3)]
    assert full.aliases() == []
    assert full.describe("abc") == "all 8 combinations of 3 factors; no effect is mixed with another"


def test_in_words() -> None:
    fraction = fraction_of(4, 3)
    assert fraction is not None
    assert fraction.describe(["p", "q", "r", "s"]) == (
        "8 of 16 combinations of 4 factors, resolution IV; effects that cannot be told apart: "
        "p x q = r x s; p x r = q x s; p x s = q x r"
    )


def test_what_is_not_possible() -> None:
    assert fraction_of(4, 2) is None
    assert smallest_fraction(3, 4) == Fraction(3, ())
    assert fraction_of(26, 5) is not None
