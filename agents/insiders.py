"""Insiders: team and investors, who decide what they sell of what their vesting schedules have freed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from catallaxy.agents.diversifiers import Diversifiers, DiversifiersSpec
from catallaxy.agents.population import AGENT_KINDS, Population, Site

__all__ = ["INSIDERS", "Insiders", "InsidersSpec", "insiders_among"]

#: The receiver of genesis tokens and of fees that the population stands for.
INSIDERS = "insiders"


@AGENT_KINDS.register(INSIDERS)
class InsidersSpec(DiversifiersSpec):
    """Declared parameters of insiders."""

    summary: ClassVar[str] = "Team and investors, who sell of what vests as much as makes their holdings too risky."

    def build(self, name: str, site: Site) -> Insiders:
        """Make the population; see `PopulationSpec.build`."""
        return Insiders(name, site, self)


class Insiders(Diversifiers):
    """Team and investors of the networks; what vests for them is in their hands."""

    RECORDS: ClassVar[tuple[str, ...]] = (INSIDERS,)

    def on_treasury_and_governance(self, economy: Any) -> None:
        """See the market, and what is still locked: runs right before the portfolio phase."""
        locked = (schedule.locked_for(INSIDERS, economy.step) for schedule in economy.vesting)
        self.look(economy, np.fromiter(locked, np.int64, economy.k))

    def on_token_market(self, economy: Any) -> None:
        """Note what was sold, and learn how risky the tokens are."""
        self.remember(economy.metrics["log_return"])
        economy.note("insider_sales", economy.tokens(self.sold()))
        economy.note("insider_tokens", economy.tokens(self.token_totals()))


def insiders_among(populations: Iterable[Population]) -> Insiders | None:
    """Return the insiders of a scenario; None where the networks' accounts stand for them."""
    return next((population for population in populations if isinstance(population, Insiders)), None)
