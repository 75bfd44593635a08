"""What data providers and compute nodes have contributed to models, where builders pass revenue on to them."""

from __future__ import annotations

from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.population import Population
from catallaxy.agents.royalties import Contributions

__all__ = ["open_contributions"]


def open_contributions(
    providers: Population, nodes: Population, builders: ModelBuilders
) -> tuple[Contributions, Contributions] | None:
    """Begin to keep a record of contributions; None where builders keep their revenue.

    Parameters
    ----------
    providers, nodes : Population
    builders : ModelBuilders

    Returns
    -------
    (Contributions, Contributions) or None
        Of data and of compute.
    """
    if builders.spec.revenue_share is None:
        return None
    decay = builders.spec.obsolescence.probability(builders.site.dt_days)
    return Contributions(providers, decay), Contributions(nodes, decay)
