"""What a scenario says about one network: its token, fees, staking, venues, verification and valuation."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field, SerializeAsAny

import catallaxy.sim.trust.validators  # noqa: F401  files a regime
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.plugins import Registered
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.markets.venues import VENUES, Venue
from catallaxy.sim.tokenomics.allocation import AllocationSpec
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionRule
from catallaxy.sim.tokenomics.governance import GovernanceSpec
from catallaxy.sim.tokenomics.merger import MergerSpec
from catallaxy.sim.tokenomics.sinks import (
    CREDITS,
    REGISTRATIONS,
    SINKS,
    TOLLS,
    BurnAndMint,
    Credits,
    NoToll,
    PricedRegistration,
    Registration,
    Sink,
    Toll,
    TradeTax,
)
from catallaxy.sim.tokenomics.staking import STAKING, StakingRule
from catallaxy.sim.tokenomics.subnets import SubnetsSpec
from catallaxy.sim.trust.verification import REGIMES, VerificationRegime

__all__ = [
    "POLICIES",
    "FeesSpec",
    "NetworkSpec",
    "RewardSplit",
    "TokenSpec",
    "TreasurySpec",
    "ValuationSpec",
]

#: Parameters of a network that dated events can move.
POLICIES = {
    "take_rate": "Protocol's share of service spending.",
    "emission_scale": "Multiplier of the emission rule.",
    "audit_scale": "Multiplier of the audit probability.",
    "node_access": "Share of the network's compute nodes that can serve; the others are taken down.",
    "news": "Log effect of dated news on the consensus value; a change is a surprise, and fades like other news.",
}

AnyEmission: TypeAlias = Annotated[SerializeAsAny[EmissionRule], Registered(EMISSIONS)]
AnySink: TypeAlias = Annotated[SerializeAsAny[Sink], Registered(SINKS)]
AnyStaking: TypeAlias = Annotated[SerializeAsAny[StakingRule], Registered(STAKING)]
AnyCredits: TypeAlias = Annotated[SerializeAsAny[Credits], Registered(CREDITS)]
AnyToll: TypeAlias = Annotated[SerializeAsAny[Toll], Registered(TOLLS)]
AnyRegistration: TypeAlias = Annotated[SerializeAsAny[Registration], Registered(REGISTRATIONS)]
AnyVenue: TypeAlias = Annotated[SerializeAsAny[Venue], Registered(VENUES)]
AnyRegime: TypeAlias = Annotated[SerializeAsAny[VerificationRegime], Registered(REGIMES)]


class RewardSplit(Spec):
    """Who receives the emission; the shares sum to 1."""

    compute: float = quantity(0.4, unit="1", doc="Share to compute nodes, by capacity online.", ge=0, le=1)
    data: float = quantity(0.2, unit="1", doc="Share to data providers, by data on offer.", ge=0, le=1)
    builders: float = quantity(0.1, unit="1", doc="Share to model builders, by usage.", ge=0, le=1)
    stakers: float = quantity(0.2, unit="1", doc="Share to stakers, by stake.", ge=0, le=1)
    treasury: float = quantity(0.1, unit="1", doc="Share to the treasury.", ge=0, le=1)


class TokenSpec(Spec):
    """Supply, allocation and emission of a token."""

    symbol: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,9}$")] = quantity(
        unit="-", doc="Ticker, capitals and digits."
    )
    price: float = quantity(unit="USD/token", doc="Price at the start.", gt=0, le=1e9)
    genesis: float = quantity(unit="token", doc="Tokens created at genesis, vesting ones included.", gt=0, le=1e15)
    max_supply: float | None = quantity(None, unit="token", doc="Cap on supply; none when absent.", gt=0, le=1e15)
    allocation: AllocationSpec = quantity(unit="-", doc="Who owns the genesis tokens, and when they unlock.")
    emission: AnyEmission = quantity({"kind": "fixed-supply"}, unit="-", doc="Emission rule.")
    rewards: RewardSplit = quantity(default_factory=RewardSplit, unit="-", doc="Who receives the emission.")
    staking: AnyStaking = quantity({"kind": "bonded"}, unit="-", doc="Staking.")
    merger: MergerSpec | None = quantity(None, unit="-", doc="Conversion into the token of another network.")


class FeesSpec(Spec):
    """Protocol fees on service spending, and where they go."""

    take_rate: float = quantity(0.05, unit="1", doc="Protocol's share of service spending.", ge=0, le=1)
    sinks: tuple[AnySink, ...] = quantity(
        (), unit="-", doc="Where fees and rewards go; the rest of the fee goes to the treasury."
    )
    credits: AnyCredits = quantity({"kind": "none"}, unit="-", doc="Credits that users can pay with.")
    toll: AnyToll = quantity({"kind": "none"}, unit="-", doc="What the network charges for the use of compute.")
    data_toll: AnyToll = quantity({"kind": "none"}, unit="-", doc="What the network charges for licences of data.")
    inference_toll: AnyToll = quantity({"kind": "none"}, unit="-", doc="What the network charges for inference.")
    registration: AnyRegistration = quantity({"kind": "none"}, unit="-", doc="What compute nodes pay to come online.")
    trade_tax: TradeTax | None = quantity(None, unit="-", doc="Tax on trades of the token.")

    @property
    def pays_in_credits(self) -> bool:
        """Whether users can pay with credits."""
        return isinstance(self.credits, BurnAndMint)

    @property
    def tolls(self) -> dict[str, Toll]:
        """Tolls by service."""
        return {"compute": self.toll, "data": self.data_toll, "inference": self.inference_toll}

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that are recorded only where there is such a rule."""
        priced = isinstance(self.registration, PricedRegistration)
        found = {
            "credits": self.pays_in_credits,
            **{f"toll on {name}": not isinstance(toll, NoToll) for name, toll in self.tolls.items()},
            "registration": priced,
            "trade tax": self.trade_tax is not None,
            "recycling": priced or any("recycle" in sink.receivers() for sink in self.sinks),
        }
        return tuple(name for name, there in found.items() if there)


class TreasurySpec(Spec):
    """What the treasury and the insiders do with what they hold."""

    grants: Rate = rate({"per_year": 0.5}, doc="Share of the treasury's dollars granted to builders.", ge=0)
    sales: Rate = rate({"per_year": 0.15}, doc="Share of the treasury's tokens sold.", ge=0)
    insider_sales: Rate = rate(
        {"per_year": 0.3}, doc="Share of insiders' free tokens sold, unless they are agents.", ge=0
    )
    buybacks: Rate = rate({"per_year": 0.0}, doc="Share of the treasury's dollars that buys tokens to burn.", ge=0)
    start_usd: float = quantity(0.0, unit="USD", doc="Treasury dollars at the start.", ge=0, le=1e12)


class ValuationSpec(Spec):
    """How the consensus fundamental value moves.

    ln F = ln price_0 + premium + usage * ln(S/S_0) - dilution * ln(C/C_0)
           + reserve_beta * ln(R) + narrative * ln(n) + news,
    with S smoothed service spending, C circulating supply, R the price of the reserve asset and n the narrative driver.
    """

    start_premium: float = quantity(
        0.5,
        unit="ln USD",
        doc="Log value over price at the start: the discount at which buyers absorb what earners and insiders sell.",
        ge=-3,
        le=3,
    )
    usage_elasticity: float = quantity(0.3, unit="1", doc="Elasticity to smoothed service spending.", ge=0, le=5)
    dilution_elasticity: float = quantity(1.0, unit="1", doc="Elasticity to circulating supply.", ge=0, le=5)
    reserve_beta: float = quantity(
        1.15,
        unit="1",
        doc="Loading on the reserve asset.",
        ge=0,
        le=5,
        source="Equal-weight deAI basket on BTC, 2021-06..2025-06.",
    )
    narrative_elasticity: float = quantity(0.5, unit="1", doc="Elasticity to the narrative driver.", ge=0, le=5)
    usage_memory_days: float = quantity(90.0, unit="day", doc="Averaging time of service spending.", gt=0, le=3650)
    news: float = quantity(0.014, unit="1/day^0.5", doc="Daily standard deviation of ordinary news.", ge=0, le=1)
    jump_rate: Rate = rate({"per_year": 6.1}, doc="How often big news arrives.", ge=0)
    jump_size: float = quantity(0.18, unit="1", doc="Standard deviation of the log effect of big news.", ge=0, le=2)
    news_fades: Rate = rate({"per_year": 1.0}, doc="Pull of the news component back to zero.", ge=0)


class NetworkSpec(Spec):
    """One token network."""

    token: TokenSpec = quantity(unit="-", doc="The token.")
    venues: tuple[AnyVenue, ...] = quantity(
        ({"kind": "constant-product"},), unit="-", doc="Where the token trades; order-flow shares sum to 1."
    )
    fees: FeesSpec = quantity(default_factory=FeesSpec, unit="-", doc="Protocol fees.")
    treasury: TreasurySpec = quantity(default_factory=TreasurySpec, unit="-", doc="Treasury and insiders.")
    verification: AnyRegime = quantity({"kind": "random-audit"}, unit="-", doc="How work is checked.")
    valuation: ValuationSpec = quantity(default_factory=ValuationSpec, unit="-", doc="Consensus valuation.")
    governance: GovernanceSpec | None = quantity(None, unit="-", doc="Votes of holders on parameters of the network.")
    subnets: SubnetsSpec | None = quantity(None, unit="-", doc="Subnets, to whose pools the emission goes.")
    openness: float = quantity(
        0.0, unit="1", doc="Utility of this network to every user, beyond price and quality.", ge=-20, le=20
    )

    consensus_load: float = quantity(
        0.0,
        unit="1",
        doc="Validators that each compute node has to run while online, at the driver `consensus_cost`; 0 where others "
        "take care of consensus.",
        ge=0,
        le=1000,
    )

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that are recorded only where a rule of the network asks for it."""
        bonding = ("bonding",) if any(venue.issues for venue in self.venues) else ()
        merger = ("merger",) if self.token.merger is not None else ()
        governance = ("governance",) if self.governance is not None else ()
        consensus = ("consensus",) if self.consensus_load > 0.0 else ()
        trust = self.verification.records()
        return (*self.fees.records(), *self.token.staking.records, *bonding, *merger, *governance, *consensus, *trust)
