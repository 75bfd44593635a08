"""Key figures (KPIs): all of them in one list, how they are evaluated, and how those of the user join them.

One that cannot be computed (its series was not recorded, or nothing happened) is NaN, never 0. All of them
are listed in docs/key-figures.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real

from catallaxy.sim.analysis.key_figures.contributors import CONTRIBUTOR_KPIS
from catallaxy.sim.analysis.key_figures.declaration import Direction, Kpi, kpi
from catallaxy.sim.analysis.key_figures.distribution import DISTRIBUTION_KPIS
from catallaxy.sim.analysis.key_figures.leverage import LEVERAGE_KPIS
from catallaxy.sim.analysis.key_figures.protocol import PROTOCOL_KPIS
from catallaxy.sim.analysis.key_figures.services import SERVICE_KPIS
from catallaxy.sim.analysis.key_figures.shocks import SHOCK_KPIS
from catallaxy.sim.analysis.key_figures.token import TOKEN_KPIS
from catallaxy.sim.errors import CatallaxyError, Problem, ScenarioError
from catallaxy.sim.recording.record import RunRecord

__all__ = ["KPIS", "Direction", "Kpi", "all_kpis", "evaluate", "kpi"]

KPIS: tuple[Kpi, ...] = (
    *TOKEN_KPIS,
    *PROTOCOL_KPIS,
    *SERVICE_KPIS,
    *CONTRIBUTOR_KPIS,
    *DISTRIBUTION_KPIS,
    *LEVERAGE_KPIS,
    *SHOCK_KPIS,
)
"""The built-in key figures, by theme."""


def evaluate(record: RunRecord, kpis: Sequence[Kpi] = KPIS) -> dict[str, dict[str, float]]:
    """Compute key figures of one run.

    Parameters
    ----------
    record : RunRecord
        A complete or partial run.
    kpis : sequence of Kpi, optional
        The built-in ones by default.

    Returns
    -------
    dict of str to dict of str to float
        `{kpi: {network: value}}`, NaN where a key figure is undefined.

    Raises
    ------
    CatallaxyError
        When a key figure of the user gives something that is not a number.
    """
    return {kpi.name: {name: _value(kpi, record, k) for k, name in enumerate(record.networks)} for kpi in kpis}


def all_kpis(references: tuple[str, ...] = ()) -> tuple[Kpi, ...]:
    """Return the built-in key figures, then those of the user.

    Parameters
    ----------
    references : tuple of str, optional
        Where the user's are: `package.module:name`, each a `Kpi` or a function decorated with `kpi`, in a package that
        the user trusts.

    Returns
    -------
    tuple of Kpi
        With different names.

    Raises
    ------
    ScenarioError
        One problem for each reference that is no key figure, or that has the name of another one; its `path` is the
        reference.
    """
    if not references:
        return KPIS
    from catallaxy.sim.analysis.key_figures.own import own_kpi

    found, problems = {item.name: item for item in KPIS}, []
    for reference in references:
        try:
            item = own_kpi(reference, found)
            found[item.name] = item
        except ValueError as error:
            problems.append(Problem("key figures", 0, 0, reference, str(error)))
    if problems:
        raise ScenarioError(problems)
    return tuple(found.values())


def _value(item: Kpi, record: RunRecord, network: int) -> float:
    value: object = item.function(record, network)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise CatallaxyError(
            f"key figure {item.name} gave {value!r}, a {type(value).__name__}; it must give a float, and NaN where it "
            "is not defined"
        )
    return float(value)
