"""Two-level fractional factorial designs: which combinations to leave out, and what can then not be told apart.

A factor whose level is the product of those of other factors costs no runs, but its effect cannot be told from their
interaction. The words of the defining relation (`d = abc` gives the word `abcd`) say which effects are mixed; the
length of the shortest one is the resolution.

References
----------
Box, G. E. P. and Hunter, J. S. (1961), "The 2^(k-p) fractional factorial designs", Technometrics 3(3), 311-351.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

__all__ = ["MAX_FACTORS", "Fraction", "fraction_of", "smallest_fraction"]

MAX_FACTORS = 26
"""Most factors: each has a letter."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALIASES_SHOWN = 12
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass(frozen=True)
class Fraction:
    """A fraction of the two-level combinations of some factors.

    Attributes
    ----------
    factors : int
    generators : tuple of int
        For each factor after the first `factors - len(generators)`, the factors whose product gives its level, as
        bits.
    """

    factors: int
    generators: tuple[int, ...]

    @property
    def free(self) -> int:
        """Factors whose levels are combined in full."""
        return self.factors - len(self.generators)

    @property
    def resolution(self) -> int:
        """Length of the shortest word of the defining relation; one more than the factors when nothing is left out."""
        return min((word.bit_count() for word in self.words()), default=self.factors + 1)

    def words(self) -> list[int]:
        """Return the words of the defining relation, as bits of their factors."""
        return _products([word | 1 << (self.free + i) for i, word in enumerate(self.generators)])

    def signs(self) -> list[list[bool]]:
        """Return for each run and factor whether the factor is at its high level; the first factor changes slowest."""
        from pyDOE3 import fracfact

        letters = [*_LETTERS[: self.free], *(_spelt(word) for word in self.generators)]
        return [[bool(sign > 0) for sign in row] for row in fracfact(" ".join(letters))]

    def aliases(self) -> list[list[int]]:
        """Return the sets of effects, of one or two factors, that the design cannot tell apart."""
        effects = [1 << i for i in range(self.factors)]
        effects += [one | other for one, other in itertools.combinations(effects, 2)]
        words = [word for word in self.words() if word.bit_count() <= 4]
        known, seen = set(effects), set[int]()
        found: list[list[int]] = []
        for effect in effects:
            mixed = [effect, *sorted({effect ^ word for word in words} & known)]
            if len(mixed) > 1 and effect not in seen:
                found.append(mixed)
            seen.update(mixed)
        return found

    def describe(self, names: Sequence[str]) -> str:
        """Return how many combinations are run, the resolution, and which effects are mixed, in words."""
        runs, full = 2**self.free, 2**self.factors
        if not self.generators:
            return f"all {runs:,} combinations of {self.factors} factors; no effect is mixed with another"
        aliases = [" = ".join(_named(effect, names) for effect in mixed) for mixed in self.aliases()]
        more = len(aliases) - _ALIASES_SHOWN
        shown = [*aliases[:_ALIASES_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        mixed = "; ".join(shown) or "none of one or two factors"
        resolution = _ROMAN[self.resolution] if self.resolution < len(_ROMAN) else self.resolution
        return (
            f"{runs:,} of {full:,} combinations of {self.factors} factors, resolution {resolution}; "
            f"effects that cannot be told apart: {mixed}"
        )


@cache
def fraction_of(factors: int, free: int) -> Fraction | None:
    """Return the fraction of highest resolution found with `free` factors combined in full; None below III.

    Generators are tried from short to long, in the order of their letters, and kept when no product of words becomes
    too short. For up to eleven factors this reaches the resolutions tabled by Box and Hunter.

    Parameters
    ----------
    factors : int
        At most `MAX_FACTORS`.
    free : int

    Returns
    -------
    Fraction or None
    """
    if free >= factors:
        return Fraction(factors, ())
    tried = (_with_resolution(factors, free, resolution) for resolution in range(free + 1, 2, -1))
    return next((found for found in tried if found is not None), None)


@cache
def smallest_fraction(factors: int, resolution: int) -> Fraction:
    """Return the fraction with the fewest runs found that has at least the given resolution.

    Parameters
    ----------
    factors, resolution : int

    Returns
    -------
    Fraction
        With nothing left out when no fraction has it.
    """
    tried = (_with_resolution(factors, free, resolution) for free in range(resolution - 1, factors))
    return next((found for found in tried if found is not None), Fraction(factors, ()))


def _with_resolution(factors: int, free: int, resolution: int) -> Fraction | None:
    generators: list[int] = []
    words: list[int] = []
    for candidate in _candidates(free, resolution - 1):
        if len(generators) == factors - free:
            break
        word = candidate | 1 << (free + len(generators))
        new = [word, *(word ^ other for other in words)]
        if min(product.bit_count() for product in new) >= resolution:
            generators.append(candidate)
            words += new
    return Fraction(factors, tuple(generators)) if len(generators) == factors - free else None


def _candidates(free: int, shortest: int) -> list[int]:
    letters = [1 << i for i in range(free)]
    combined = (parts for size in range(shortest, free + 1) for parts in itertools.combinations(letters, size))
    return [sum(parts) for parts in combined]


def _products(words: Sequence[int]) -> list[int]:
    found: list[int] = []
    for word in words:
        found += [word, *(word ^ other for other in found)]
    return found


def _bits(word: int) -> list[int]:
    return [i for i in range(MAX_FACTORS) if word >> i & 1]


def _spelt(word: int) -> str:
    return "".join(_LETTERS[i] for i in _bits(word))


def _named(effect: int, names: Sequence[str]) -> str:
    return " x ".join(names[i] for i in _bits(effect))
