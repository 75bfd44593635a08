"""The sections of the report, in order."""

from __future__ import annotations

from catallaxy.sim.report import sections_economy as economy, sections_markets as markets, sections_tokens as tokens
from catallaxy.sim.report.plans import SectionPlan

__all__ = ["SECTIONS"]

SECTIONS: tuple[SectionPlan, ...] = (
    markets.PRICE,
    markets.VENUES,
    tokens.SUPPLY,
    tokens.HOLDERS,
    economy.ADOPTION,
    economy.SHARE,
    economy.OUTSIDE,
    economy.COMPUTE,
    economy.BUILDERS,
    economy.DATA,
    economy.PAYMENTS,
    economy.INCOME,
    economy.DISTRIBUTION,
    tokens.FEES,
    tokens.CHARGES,
    tokens.STAKING,
    tokens.GOVERNANCE,
    economy.TRUST,
    markets.SPECULATION,
    markets.LEVERAGE,
    economy.SHOCKS,
    tokens.SUBNETS,
    SectionPlan("assumptions", "Assumptions", "", (), ("events",)),
    SectionPlan("parameters", "Parameters", "", (), ("parameters",)),
    SectionPlan(
        "flows",
        "Stock-flow matrix",
        "Who paid (negative) and who received (positive), summed over the run. Every column sums to zero: nothing "
        "appears or vanishes outside the ledger. The last column is the change in what a sector holds.",
        (),
        ("flows",),
    ),
    SectionPlan(
        "guards",
        "Guards that bound",
        "A guard is a limit that keeps a number in its meaningful range. One that binds often is shaping the result: "
        "more than 1 % of steps in any replicate is flagged.",
        (),
        ("guards",),
    ),
    SectionPlan("audit", "Audit", "", (), ("audit",)),
    SectionPlan("manifest", "Manifest", "On what this was computed; `catallaxy rerun` repeats it.", (), ("manifest",)),
)
