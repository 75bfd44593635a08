"""What became of the signs that rows expect: intervals of paired differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from catallaxy.sim.analysis.intervals import Interval, mean, paired_difference
from catallaxy.sim.statics.cases import Case
from catallaxy.sim.statics.statics_file import Direction
from catallaxy.sim.sweeps.answers.column_arrays import Floats
from catallaxy.sim.sweeps.answers.run_values import RunValues

__all__ = ["FAILS", "NONE", "PASSES", "UNDECIDED", "Verdict", "verdicts"]

PASSES, FAILS, UNDECIDED, NONE = "pass", "FAIL", "undecided", "not applicable"


@dataclass(frozen=True)
class Verdict:
    """One key figure of one row.

    Attributes
    ----------
    row : str
        Name of the row.
    kpi, unit : str
    expected : {"up", "down", "same"}
    before : float
        Mean without the change, over the replicates that count; NaN when the row does not apply.
    effect : Interval or None
        Of the mean difference, with the change less without it.
    reason : str
        Why the row does not apply.
    tolerance : float
        Largest effect, over the size of the mean without the change, that counts as none.
    """

    row: str
    kpi: str
    unit: str
    expected: Direction
    before: float = float("nan")
    effect: Interval | None = None
    reason: str = ""
    tolerance: float = 0.0

    @property
    def relative(self) -> float:
        """The effect as a share of the size of the mean without the change; NaN where that is 0."""
        if self.effect is None or not abs(self.before) > 0.0:
            return float("nan")
        return self.effect.estimate / abs(self.before)

    @property
    def verdict(self) -> str:
        """Say whether the interval lies on the expected side of zero, on the other one, or on both.

        No effect is expected to lie within the tolerance (D. J. Schuirmann, *Journal of Pharmacokinetics and
        Biopharmaceutics* 15 (1987), 657): the interval must lie inside for a pass, and outside for a failure.
        """
        if self.effect is None:
            return NONE
        if self.expected == "same":
            most = self.tolerance * abs(self.before)
            if -most <= self.effect.low and self.effect.high <= most:
                return PASSES
            return FAILS if self.effect.low > most or self.effect.high < -most else UNDECIDED
        side = int(self.effect.low > 0.0) - int(self.effect.high < 0.0)
        if side == 0:
            return UNDECIDED
        return PASSES if (side > 0) == (self.expected == "up") else FAILS


def verdicts(values: RunValues | None, cases: Sequence[Case], level: float = 0.95) -> list[Verdict]:
    """Compare, pair by pair, what rows expect to go up, down or nowhere.

    Parameters
    ----------
    values : RunValues or None
        Of the sweep that `cases.plan_of` planned; None when no row applies.
    cases : sequence of Case
    level : float, optional
        Confidence of each interval (Student's t).

    Returns
    -------
    list of Verdict
        For every row, and every key figure that it expects something of. A key figure is the mean over the networks on
        which it is defined; a pair of runs counts when both completed and have it.
    """
    return [verdict for case in cases for verdict in _of(case, values, level)]


def _of(case: Case, values: RunValues | None, level: float) -> Iterator[Verdict]:
    for kpi, expected in case.row.expect.items():
        if values is None or case.reason:
            yield Verdict(case.row.name, kpi, "", expected, reason=case.reason)
            continue
        unit = values.unit(kpi, values.networks[0])
        both = [_over_networks(values, kpi, point) for point in (case.before, case.after)]
        paired = np.isfinite(both[0]) & np.isfinite(both[1])
        if paired.sum() < 2:
            yield Verdict(
                case.row.name, kpi, unit, expected, reason="the key figure is not defined in two pairs of runs"
            )
            continue
        before, after = (sample[paired] for sample in both)
        effect = paired_difference(after, before, level)
        level_before = mean(before).estimate
        yield Verdict(case.row.name, kpi, unit, expected, level_before, effect, tolerance=case.row.tolerance)


def _over_networks(values: RunValues, kpi: str, point: int) -> Floats:
    """Return the mean over networks on which a key figure is defined, float64[replicates]."""
    each = np.array([values.matrix(kpi, network)[point] for network in values.networks])
    defined = each[np.isfinite(each).any(axis=1)]
    result: Floats = defined.mean(axis=0) if len(defined) else np.full(each.shape[1], np.nan)
    return result
