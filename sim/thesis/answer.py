"""Whether the thesis survives: criteria that were fixed before the runs, and the sentences that say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.thesis.effects import Effects
from catallaxy.sim.thesis.outcomes import SUPERCYCLE

__all__ = ["FALSE", "MOST_WITHOUT", "REJECTED", "SURVIVES", "UNTESTED", "Answer", "Criterion", "answer"]

MOST_WITHOUT = 0.05
"""Below this the upper bound of the probability of a supercycle without any driver has to lie."""

FALSE = 2.0
"""Shuffled labels may mislead at most this many times as often as the level of the intervals allows."""

SURVIVES, REJECTED, UNTESTED = "survives", "rejected", "not tested"


@dataclass(frozen=True)
class Criterion:
    """One thing that was asked.

    Attributes
    ----------
    name, sentence : str
    holds : bool
    """

    name: str
    sentence: str
    holds: bool


@dataclass(frozen=True)
class Answer:
    """The verdict on a thesis.

    Attributes
    ----------
    verdict : {"survives", "rejected", "not tested"}
        Not tested when the instrument fails: supercycles without any driver, or effects of shuffled labels.
    criteria : tuple of Criterion
    """

    verdict: str
    criteria: tuple[Criterion, ...]

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        if self.verdict == UNTESTED:
            return "The thesis is not tested: the instrument fails one of its own controls."
        if self.verdict == SURVIVES:
            return "The thesis survives: its drivers bring supercycles that are not there without them."
        failed = "; ".join(criterion.name for criterion in self.criteria if not criterion.holds)
        return f"The thesis is rejected. What does not hold: {failed}."


def answer(full: Interval, empty: Interval, measured: Mapping[str, Effects], level: float = 0.95) -> Answer:
    """Hold the thesis against its criteria.

    Parameters
    ----------
    full, empty : Interval
        Probability of a supercycle with all drivers, and with none.
    measured : mapping of str to Effects
        By outcome.
    level : float, optional

    Returns
    -------
    Answer
    """
    asked = measured[SUPERCYCLE]
    helpful = [e for e in asked.main if e.interval.estimate > 0.0 and e.interval.low > 0.0 and e.p <= 1.0 - level]
    controls = (
        Criterion(
            "quiet without drivers",
            f"Without any driver a supercycle has the probability {_text(empty)}; its upper bound "
            f"{_lies(empty.high < MOST_WITHOUT)} below {MOST_WITHOUT:g}.",
            empty.high < MOST_WITHOUT,
        ),
        _shuffled(measured, level),
    )
    claims = (
        Criterion(
            "more with all drivers",
            f"With all drivers it has the probability {_text(full)}; the interval "
            f"{_lies(full.low > empty.high)} above that without.",
            full.low > empty.high,
        ),
        Criterion(
            "a driver that carries it",
            "Over all settings of the others, " + _carriers([e.drivers[0] for e in helpful]),
            bool(helpful),
        ),
    )
    held = all(criterion.holds for criterion in claims)
    verdict = UNTESTED if not all(c.holds for c in controls) else SURVIVES if held else REJECTED
    return Answer(verdict, (*controls, *claims))


def _shuffled(measured: Mapping[str, Effects], level: float) -> Criterion:
    rates = {name: found.false_alarms for name, found in measured.items() if found.false_alarms == found.false_alarms}
    allowed = FALSE * (1.0 - level)
    worst = max(rates.values(), default=0.0)
    shown = ", ".join(f"{name.replace('_', ' ')} {100 * rate:.1f} %" for name, rate in rates.items())
    return Criterion(
        "shuffled labels do nothing",
        f"With the labels of the drivers shuffled, an interval leaves out zero this often: {shown or 'nothing varies'} "
        f"(allowed: {100 * allowed:g} %).",
        worst <= allowed,
    )


def _carriers(names: Sequence[str]) -> str:
    if not names:
        return "no driver raises the probability of a supercycle."
    return f"{', '.join(names)} raise{'s' if len(names) == 1 else ''} the probability of a supercycle."


def _lies(holds: bool) -> str:
    return "lies" if holds else "does not lie"


def _text(found: Interval) -> str:
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}] in {found.n} worlds"
