"""The tokens of subnets: how much alpha there is, and who gets it."""

from __future__ import annotations

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.subnets.terms import SubnetTerms
from catallaxy.sim.tokenomics.units import microseconds, to_base

__all__ = ["AlphaSpec"]


class AlphaSpec(Spec):
    """Supply of each subnet's alpha, and how its emission is split.

    The owner gets `owner_share` of it, miners `miner_share` of the rest, and validators what is left: they keep
    `validator_take` of that and pass it on to those who hold alpha and to root, by weight. Source:
    opentensor/subtensor, run_coinbase.rs.
    """

    maximum: float = quantity(
        21e6, unit="alpha", doc="Largest issuance; the emission halves as that is approached.", gt=0, le=1e9
    )
    per_block: float = quantity(
        1.0, unit="alpha/block", doc="Emission of a block before the first halving, outside the pool.", gt=0, le=1e6
    )
    block_seconds: float = quantity(12.0, unit="s", doc="Time between blocks.", gt=0, le=86_400)
    tempo_blocks: int = quantity(
        360,
        unit="block",
        doc="Blocks at whose end a subnet's emission is shared out.",
        ge=1,
        le=10**6,
        source="opentensor/subtensor: tempo 360.",
    )
    owner_share: float = quantity(
        11_796 / 65_535,
        unit="1",
        doc="Owner's share of the emission.",
        ge=0,
        le=1,
        source="opentensor/subtensor @14bc6f9f964b: SubnetOwnerCut 11796 / 65535.",
    )
    miner_share: float = quantity(
        0.5, unit="1", doc="Miners' share of what the owner leaves.", ge=0, le=1, source="opentensor/subtensor."
    )
    validator_take: float = quantity(
        0.18, unit="1", doc="Share of the rest that validators keep.", ge=0, le=1, source="opentensor/subtensor."
    )
    fee: float = quantity(
        33 / 65_535,
        unit="1",
        doc="Fee on what is paid into a pool, kept by the pool.",
        ge=0,
        lt=1,
        source="opentensor/subtensor @14bc6f9f964b, pallets/swap: DefaultFeeRate 33 / 65535.",
    )

    def blocks(self, begin_us: int, end_us: int) -> int:
        """Return the blocks that end in a stretch of time, microseconds since the start of the run."""
        length = microseconds(seconds=self.block_seconds)
        return end_us // length - begin_us // length

    def reward(self, issued: int, base: int) -> int:
        """Return the emission of a block when so much has been issued, both in base units."""
        maximum, first = to_base(self.maximum, base), to_base(self.per_block, base)
        return int(nk.subnet_emission.alpha_reward(maximum, first, issued))

    def rules(self, terms: SubnetTerms, base: int, root: int, prices: float) -> nk.subnet_emission.Terms:
        """Return the rules of emission under some terms, for the kernels.

        Parameters
        ----------
        terms : SubnetTerms
        base : int
            Base units per token, and per alpha.
        root : int
            Stake on root, base units.
        prices : float
            Sum of the subnets' average prices, token per alpha.
        """
        return nk.subnet_emission.Terms(
            to_base(self.maximum, base),
            to_base(self.per_block, base),
            self.owner_share,
            self.miner_share,
            self.validator_take,
            root * terms.root_weight,
            terms.cap == "root-proportion",
            terms.excess == "buys",
            prices > terms.root_gate,
            self.fee,
        )

    def paid_out(self, reserve_in: int, reserve_out: int, given: int) -> int:
        """Return what a pool pays for an amount, base units."""
        return int(nk.subnet_emission.paid_out(reserve_in, reserve_out, given, self.fee))
