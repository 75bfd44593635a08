"""Random tokenomics: strategies for every kind of rule, from which hypothesis composes supply policies."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from catallaxy.sim.tokenomics.sinks import RECEIVERS

__all__ = [
    "CREDIT_RULES",
    "EMISSION_RULES",
    "ENTRY_RULES",
    "SINK_RULES",
    "STAKING_RULES",
    "TOLL_RULES",
    "Rule",
    "emissions",
    "policies",
]

Rule = dict[str, Any]
Rules = dict[str, st.SearchStrategy[Rule]]

shares = st.floats(0.0, 1.0)
inside = st.floats(0.01, 0.99)
rounds = st.one_of(
    st.builds(lambda n: {"days": n}, st.integers(2, 90)), st.builds(lambda n: {"months": n}, st.integers(1, 12))
)
starts = st.dates(date(2021, 1, 1), date(2033, 1, 1)).map(str)
later = st.dates(date(2025, 2, 1), date(2034, 1, 1))


def rules(kind: str, /, **parameters: Any) -> st.SearchStrategy[Rule]:
    """Return rules of a kind; parameters are strategies, or values that are always the same."""
    drawn = {name: p if isinstance(p, st.SearchStrategy) else st.just(p) for name, p in parameters.items()}
    return st.fixed_dictionaries({"kind": st.just(kind), **drawn})


_SIMPLE: Rules = {
    "fixed-supply": rules("fixed-supply"),
    "fixed-rate": st.one_of(
        rules("fixed-rate", tokens=st.builds(lambda x: {"per_month": x}, st.floats(0, 1e5))),
        rules("fixed-rate", share=st.builds(lambda x: {"per_year": x}, st.floats(0, 0.1)), starts=starts),
    ),
    "halving-by-time": rules(
        "halving-by-time",
        pool=st.floats(0, 1e7),
        every=st.builds(lambda n: {"days": n}, st.integers(20, 900)),
        starts=starts,
    ),
    "halving-by-issuance": rules(
        "halving-by-issuance", maximum=st.floats(10.1e6, 5e7), reward=st.floats(0, 50), block_seconds=600
    ),
    "exponential-decay": rules("exponential-decay", pool=st.floats(0, 1e7), half_life_days=st.floats(9, 4e3)),
    "table": st.builds(
        lambda days, flow: {"kind": "table", "rows": [{"day": day, "per_day": flow / (1 + day)} for day in days]},
        st.lists(st.integers(0, 3000), min_size=1, max_size=4, unique=True).map(sorted),
        st.floats(0, 1e4),
    ),
    "network-baseline": rules(
        "network-baseline",
        pool=st.floats(0, 1e7),
        half_life_days=st.floats(30, 4e3),
        baseline=st.floats(0.1, 1e4),
        doubling_days=st.one_of(st.none(), st.floats(20, 4e3)),
        epoch_seconds=3600,
    ),
    "burn-anchored": rules(
        "burn-anchored",
        start=st.floats(0, 1e4),
        nodes=st.floats(0, 3),
        band=shares,
        step=st.floats(0, 0.3),
        every=rounds,
    ),
    "value-locked": rules(
        "value-locked", per_usd=st.floats(1e5, 1e8), rise=st.builds(lambda x: {"per_year": x}, inside), every=rounds
    ),
    "staking-step": rules(
        "staking-step", start=st.floats(0, 1e-2), change=st.floats(0, 1e-3), target=inside, every=rounds, highest=0.02
    ),
    "staking-target-yield": rules(
        "staking-target-yield",
        pool=1e6,
        maximum=5e7,
        share=shares,
        highest_yield=st.floats(0, 0.1),
        weight=inside,
        every=rounds,
    ),
    "staking-drift": rules(
        "staking-drift",
        start={"per_year": 0.3},
        half_life_days=700,
        target=inside,
        band=st.floats(0, 0.9),
        every=rounds,
        starts=starts,
    ),
    "staking-pid": rules(
        "staking-pid",
        resting={"per_year": 0.05},
        proportional=shares,
        integral=shares,
        derivative=st.floats(0, 0.1),
        highest=0.3,
        every=rounds,
    ),
    "reissue-burned": rules("reissue-burned", ceiling=st.floats(0, 1e5), smoothing=st.floats(1, 30), every=rounds),
}
single = st.one_of(*_SIMPLE.values())


def _sum(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    return rules("composite", rules=st.lists(inner, min_size=1, max_size=3))


def _sequence(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    return st.builds(
        lambda first, days, others: {
            "kind": "dated",
            "rules": [
                {"rule": first},
                *({"from": str(day), "rule": rule} for day, rule in zip(days, others, strict=False)),
            ],
        },
        inner,
        st.lists(later, min_size=1, max_size=2, unique=True).map(sorted),
        st.lists(inner, min_size=2, max_size=2),
    )


EMISSION_RULES: Rules = {**_SIMPLE, "composite": _sum(single), "dated": _sequence(single)}
"""Emission rules by kind; those made of rules have simple ones inside."""

emissions = st.recursive(single, lambda inner: st.one_of(_sum(inner), _sequence(inner)), max_leaves=5)
"""Emission rules composed to any depth."""


payees = st.sampled_from([name for name in RECEIVERS if name != "lenders"])
splits = st.lists(payees, min_size=20, max_size=20).map(lambda drawn: {name: drawn.count(name) / 20 for name in drawn})
#: Three sinks at most take from one source.
part = st.floats(0.0, 0.3)

SINK_RULES: Rules = {
    "percentage-burn": rules("percentage-burn", share=part),
    "reward-recycling": rules("reward-recycling", share=part),
    "usd-burn": rules("usd-burn", share=part),
    "buyback-and-burn": rules("buyback-and-burn", share=part),
    "fee-to-stakers": rules("fee-to-stakers", share=part),
    "fee-to-treasury": rules("fee-to-treasury", share=part),
    "fee-split": rules("fee-split", share=part, to=splits),
    "slash-split": rules("slash-split", share=part, to=splits),
    "stake-rebate": rules("stake-rebate", share=part, alpha=shares, slope=st.floats(0, 3)),
}
"""Sinks by kind."""

CREDIT_RULES: Rules = {
    "none": rules("none"),
    "burn-and-mint": rules(
        "burn-and-mint",
        share=shares,
        float_days=st.floats(0, 200),
        settled=shares,
        purchase_spread_bps=st.integers(0, 500),
        settlement_spread_bps=st.integers(0, 500),
        halt=st.floats(0, 0.95),
    ),
}
"""Credits by kind."""

TOLL_RULES: Rules = {
    "none": rules("none"),
    "base-fee": rules("base-fee", start=st.floats(0, 2), limit=st.floats(10, 1000)),
}
"""Tolls by kind."""

ENTRY_RULES: Rules = {
    "none": rules("none"),
    "lock-cost": rules("lock-cost", start=st.floats(0, 10), lowest=st.floats(0, 10), recycled=shares),
    "decaying-cost": rules("decaying-cost", start=st.floats(0, 10), half_life_blocks=50_400, recycled=shares),
}
"""Rules on registration by kind."""

_BONDS: dict[str, Any] = {
    "unbonding_days": st.floats(0, 400),
    "requests": st.integers(1, 6),
    "paid": st.sampled_from(["pro-rata", "random-staker"]),
    "compounding": shares,
    "speed": st.builds(lambda x: {"per_year": x}, st.floats(0, 5)),
}

STAKING_RULES: Rules = {
    "bonded": rules(
        "bonded", **_BONDS, minimum=st.floats(0, 1e4), cap=st.floats(1e4, 1e6), appreciation=st.floats(0, 2)
    ),
    "lock-multiplier": rules("lock-multiplier", **_BONDS, lock_days=st.floats(0, 365)),
    "vote-escrow": rules("vote-escrow", **_BONDS, lock_days=st.floats(1, 1461)),
    "liquid": rules("liquid", **{**_BONDS, "paid": "pro-rata"}, fee=shares, pool=shares),
    "delegated": rules("delegated", **_BONDS, active_set=st.integers(1, 30), saturation=inside),
}
"""Staking rules by kind."""

policies = st.fixed_dictionaries(
    {
        "emission": emissions,
        "staking": st.one_of(*STAKING_RULES.values()),
        "sinks": st.lists(st.one_of(*SINK_RULES.values()), max_size=6, unique_by=lambda sink: sink["kind"]),
        "credits": st.one_of(*CREDIT_RULES.values()),
        "toll": st.one_of(*TOLL_RULES.values()),
        "data_toll": st.one_of(*TOLL_RULES.values()),
        "inference_toll": st.one_of(*TOLL_RULES.values()),
        "registration": st.one_of(*ENTRY_RULES.values()),
    }
)
"""Whole supply policies of a network."""
