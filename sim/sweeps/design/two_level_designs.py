"""Factorial designs with two levels per factor, in full or in fractions."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import field_validator, model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.design.design_forms import DesignForm, Row, columns, named_parameters
from catallaxy.sim.sweeps.design.factorials import MAX_FACTORS, Fraction, fraction_of, smallest_fraction
from catallaxy.sim.sweeps.design.levels import Levels, count_of

__all__ = ["Factorial", "TwoLevels"]


class TwoLevels(Spec):
    """Factors with two levels each, and how many of their combinations to run."""

    of: dict[str, Levels] = quantity(unit="-", doc="Two levels, low and high, by dotted path of the parameter.")
    resolution: int | None = quantity(
        None, unit="-", doc="Leave combinations out, as many as a design of this resolution can.", ge=3, le=MAX_FACTORS
    )
    fraction: int | None = quantity(None, unit="-", doc="Run one in this many combinations (2, 4, 8, ...).", ge=2)

    _check = field_validator("of")(named_parameters)

    @field_validator("of")
    @classmethod
    def _two_each(cls, value: dict[str, Levels]) -> dict[str, Levels]:
        wrong = [f"{path} has {count_of(levels)}" for path, levels in value.items() if count_of(levels) != 2]
        if wrong:
            raise complaint("two_levels", f"a factorial design has two levels per factor; {', '.join(wrong)}; use grid")
        if len(value) > MAX_FACTORS:
            raise complaint("factors", f"{len(value)} factors; at most {MAX_FACTORS} are possible")
        return value

    @model_validator(mode="after")
    def _possible(self) -> TwoLevels:
        if self.resolution is not None and self.fraction is not None:
            raise complaint("two_fractions", "give resolution or fraction, not both: each decides the other")
        if self.fraction is not None and self._chosen() is None:
            most = max((2**k for k in range(1, len(self.of)) if fraction_of(len(self.of), len(self.of) - k)), default=1)
            allowed = f"a power of two up to {most}" if most > 1 else "none: all combinations are needed"
            raise complaint(
                "fraction",
                f"one in {self.fraction} combinations of {len(self.of)} factors is no design that tells the factors "
                f"apart; possible: {allowed}",
            )
        return self

    def _chosen(self) -> Fraction | None:
        factors = len(self.of)
        if self.resolution is not None:
            return smallest_fraction(factors, self.resolution)
        fraction = self.fraction or 1
        erased = fraction.bit_length() - 1
        return fraction_of(factors, factors - erased) if 2**erased == fraction and erased < factors else None

    @property
    def chosen(self) -> Fraction:
        """The combinations to run."""
        return self._chosen() or Fraction(len(self.of), ())


class Factorial(DesignForm):
    """All combinations of two levels of every parameter, or a fraction chosen so that main effects stay apart."""

    factorial: TwoLevels = quantity(unit="-", doc="Factors with two levels each.")

    @property
    def size(self) -> int:
        """Combinations to run."""
        return int(2**self.factorial.chosen.free)

    def names(self) -> list[tuple[str, YamlPath]]:
        """Return the parameters; see `DesignForm.names`."""
        return [(path, ("factorial", "of", path)) for path in self.factorial.of]

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows; see `DesignForm.rows`."""
        factors = columns(self.factorial.of, (*at, "factorial", "of"))
        for signs in self.factorial.chosen.signs():
            yield tuple(levels[high] for levels, high in zip(factors, signs, strict=True))

    def notes(self) -> tuple[str, ...]:
        """Return which combinations are run, and which effects are mixed."""
        return (f"factorial: {self.factorial.chosen.describe(list(self.factorial.of))}",)
