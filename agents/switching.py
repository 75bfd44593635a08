"""How speculators choose between fundamentalism and chartism: rules that a scenario names.

Those who reconsider in a step choose anew; a rule says which share of them chooses fundamentalism.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry

__all__ = ["SWITCHING", "Camps", "Contagion", "Fixed", "Leaning", "Profits", "SwitchingRule"]


#: Beyond this appeal one option has all.
_LARGEST = 700.0


class Camps(NamedTuple):
    """What speculators see of the two camps as they choose.

    Attributes
    ----------
    share : float
        Fundamentalists among both.
    squared_gap : float
        Squared log gap between value and price, mean over networks.
    value_profit, trend_profit : float
        What following each camp's signal earned lately, signal times log return per step, mean over networks.
    """

    share: float
    squared_gap: float
    value_profit: float
    trend_profit: float


class SwitchingRule(Plugin):
    """Base of the rules."""

    summary: ClassVar[str] = ""
    moves: ClassVar[bool] = True
    """Whether anybody ever changes camp."""

    def remembered(self, past: tuple[float, float], now: tuple[float, float], dt_days: float) -> tuple[float, float]:
        """Return the profits of both camps that count, from those that counted and those of the step.

        Parameters
        ----------
        past, now : (float, float)
            Of fundamentalists and of chartists, per step.
        dt_days : float

        Returns
        -------
        (float, float)
        """
        return past

    def fundamentalists(self, camps: Camps) -> float:
        """Return the share of those who reconsider that chooses fundamentalism, 0 to 1.

        Parameters
        ----------
        camps : Camps

        Returns
        -------
        float
        """
        raise NotImplementedError(f"switching rule {self.kind!r} does not choose")


SWITCHING: Registry[SwitchingRule] = Registry("switching rule", SwitchingRule)
"""Switching rules by name."""


@SWITCHING.register("leaning")
class Leaning(SwitchingRule):
    """Discrete choice with predisposition, herding and misalignment.

    The share is 1 / (1 + exp(-a)), a = alpha_0 + alpha_n (2 n - 1) + alpha_p g^2. Source: Franke and Westerhoff (2012),
    JEDC 36:1193-1211, the DCA-HPM variant.
    """

    summary: ClassVar[str] = "Predisposition, the majority, and mispricing decide (DCA-HPM)."

    predisposition: float = quantity(-0.62, unit="1", doc="Bias towards chartism (alpha_0).", ge=-10, le=10)
    herding: float = quantity(1.7, unit="1", doc="Pull of the majority (alpha_n).", ge=0, le=10)
    misalignment: float = quantity(
        0.7, unit="1", doc="Return to value when mispricing is large (alpha_p).", ge=0, le=100
    )

    def fundamentalists(self, camps: Camps) -> float:
        """Return the logit of the leaning; see `SwitchingRule.fundamentalists`."""
        leanings = nk.strategy_choice.Leanings(self.predisposition, self.herding, self.misalignment)
        appeal = nk.strategy_choice.lean_scalar(leanings, camps.share, camps.squared_gap)
        return 1.0 / (1.0 + nk.elementary.exp_scalar(-appeal))


@SWITCHING.register("profits")
class Profits(SwitchingRule):
    """Discrete choice by what each way of trading earned lately.

    The share is 1 / (1 + exp(-beta (U_f - U_c))), where fundamentals cost something to know. Source: Brock and Hommes
    (1998), JEDC 22:1235-1274.
    """

    summary: ClassVar[str] = "Whichever camp earned more lately is chosen more (Brock and Hommes)."

    intensity: float = quantity(2000.0, unit="1", doc="Intensity of choice (beta), per unit of profit.", ge=0, le=1e9)
    cost: float = quantity(0.0, unit="1/step", doc="What fundamentals cost to know, as profit.", ge=0, le=1)
    memory_days: float = quantity(20.0, unit="day", doc="Averaging time of profits.", gt=0, le=1000)

    def remembered(self, past: tuple[float, float], now: tuple[float, float], dt_days: float) -> tuple[float, float]:
        """Average over the memory; see `SwitchingRule.remembered`."""
        weight = min(1.0, dt_days / self.memory_days)
        return past[0] + weight * (now[0] - past[0]), past[1] + weight * (now[1] - past[1])

    def fundamentalists(self, camps: Camps) -> float:
        """Return the logit of the difference in profits; see `SwitchingRule.fundamentalists`."""
        appeal = self.intensity * (camps.value_profit - self.cost - camps.trend_profit)
        return 1.0 / (1.0 + nk.elementary.exp_scalar(-max(min(appeal, _LARGEST), -_LARGEST)))


@SWITCHING.register("contagion")
class Contagion(SwitchingRule):
    """Who reconsiders takes over the camp of somebody met, or chooses alone, either camp alike.

    The share is (1 - epsilon) n + epsilon / 2. Source: Kirman (1993), QJE 108:137-156.
    """

    summary: ClassVar[str] = "Camps are taken over from others who are met (Kirman)."

    alone: float = quantity(0.02, unit="1", doc="Share of choices made alone (epsilon).", ge=0, le=1)

    def fundamentalists(self, camps: Camps) -> float:
        """Return the chance to meet a fundamentalist; see `SwitchingRule.fundamentalists`."""
        return (1.0 - self.alone) * camps.share + 0.5 * self.alone


@SWITCHING.register("fixed")
class Fixed(SwitchingRule):
    """Everybody stays as at the start: with `chartists` 0 all expect prices to go to value, with 1 to go on."""

    summary: ClassVar[str] = "Nobody ever changes camp."
    moves: ClassVar[bool] = False

    def fundamentalists(self, camps: Camps) -> float:
        """Return the share that there is; see `SwitchingRule.fundamentalists`."""
        return camps.share
