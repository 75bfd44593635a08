"""Insiders: team and investors, who decide what they sell of what their vesting schedules have freed."""

from __future__ import annotations

from typing import ClassVar

from catallaxy.agents.diversifiers import Diversifiers, DiversifiersSpec
from catallaxy.agents.population import AGENT_KINDS, Site

__all__ = ["INSIDERS", "Insiders", "InsidersSpec"]

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

    RECEIVER: ClassVar[str] = INSIDERS
    SALES: ClassVar[str] = "insider_sales"
    HELD: ClassVar[str] = "insider_tokens"
    RECORDS: ClassVar[tuple[str, ...]] = (INSIDERS,)
