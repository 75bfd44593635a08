"""Designs that draw: Latin hypercubes, Sobol' sequences, independent draws."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import field_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.scenario.document import YamlPath
from catallaxy.sim.sweeps.design.design_forms import DesignForm, Row, Setting, named_parameters
from catallaxy.sim.sweeps.design.levels import MAX_LEVELS, Spread, draw
from catallaxy.sim.sweeps.design.sampling import uniform

__all__ = ["Lhs", "PowerOfTwo", "Random", "Sample", "Sobol"]


class Sample(Spec):
    """How often to draw, and what from."""

    count: int = quantity(unit="row", doc="Rows to draw.", ge=1, le=MAX_LEVELS)
    of: dict[str, Spread] = quantity(unit="-", doc="Range, choices or distribution by dotted path of the parameter.")
    seed: int | None = quantity(None, unit="-", doc="Seed of the draws; the sweep's when absent.", ge=0, le=2**63 - 1)

    _check = field_validator("of")(named_parameters)

    def rows(self, method: str, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows that a method of `sampling.uniform` draws."""
        u = uniform(method, self.count, len(self.of), seed if self.seed is None else (self.seed,))
        spreads = enumerate(self.of.items())
        columns = [(path, draw(spread, u[:, i], (*at, "of", path))) for i, (path, spread) in spreads]
        return zip(*([Setting.of(path, level) for level in levels] for path, levels in columns), strict=True)


class PowerOfTwo(Sample):
    """A sample whose balance needs a power of two."""

    @field_validator("count")
    @classmethod
    def _balanced(cls, value: int) -> int:
        if value & (value - 1):
            below = 1 << (value.bit_length() - 1)
            raise complaint(
                "power_of_two",
                f"a Sobol' sequence is balanced only after a power of two; instead of {value:,} draw {below:,} "
                f"or {2 * below:,}, or use lhs",
            )
        return value


class _Sampled(DesignForm):
    """A design that draws."""

    @property
    def _sample(self) -> tuple[str, Sample]:
        method = next(iter(type(self).model_fields))
        return method, getattr(self, method)

    @property
    def size(self) -> int:
        """Rows to draw."""
        return self._sample[1].count

    def names(self) -> list[tuple[str, YamlPath]]:
        """Return the parameters; see `DesignForm.names`."""
        method, sample = self._sample
        return [(path, (method, "of", path)) for path in sample.of]

    def rows(self, at: YamlPath, seed: tuple[int, ...]) -> Iterator[Row]:
        """Yield the rows; see `DesignForm.rows`."""
        method, sample = self._sample
        return sample.rows(method, (*at, method), seed)


class Lhs(_Sampled):
    """A Latin hypercube: every parameter takes a value in each of `count` equal slices of its range."""

    lhs: Sample = quantity(unit="-", doc="How often to draw, and what from.")


class Sobol(_Sampled):
    """A scrambled Sobol' sequence: even coverage of the parameters together, for a power of two of rows."""

    sobol: PowerOfTwo = quantity(unit="-", doc="How often to draw, and what from.")


class Random(_Sampled):
    """Independent draws."""

    random: Sample = quantity(unit="-", doc="How often to draw, and what from.")
