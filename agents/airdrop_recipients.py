"""Airdrop recipients: accounts that were promised tokens for nothing, who claim them when it is worth it, and sell.

A recipient that has heard of the airdrop claims when its tokens are worth more than the trouble, until claims close.
Farmers, who came for the airdrop alone, sell all of it; the others do as in `catallaxy.agents.diversifiers`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.diversifiers import Diversifiers, DiversifiersSpec
from catallaxy.agents.population import AGENT_KINDS, MICRO, Column, Floats, Holdings, Ints, Site
from catallaxy.agents.rates import Rate, rate

__all__ = ["AIRDROP", "AirdropRecipients", "AirdropRecipientsSpec"]

#: The receiver of genesis tokens, and the sector of the ledger that holds what has not been claimed.
AIRDROP = "airdrop"

#: Risk aversion of who holds nothing that is risky.
_NOTHING_RISKY = 1e12
_GONE = "Flipside Crypto (coinmarketcap.com/academy): nearly 40 % of the airdrop of 1INCH were gone within a day."


@AGENT_KINDS.register("airdrop_recipients")
class AirdropRecipientsSpec(DiversifiersSpec):
    """Declared parameters of airdrop recipients."""

    summary: ClassVar[str] = "Accounts that claim airdropped tokens when it is worth the trouble, and mostly sell them."

    accounts_per_agent: int = quantity(
        1000, unit="account", doc="Accounts that each agent stands for.", ge=1, le=1_000_000_000
    )
    farmer: Attribute = column(
        {"dist": "bernoulli", "p": 0.4},
        unit="-",
        doc="1 for who came for the airdrop alone and sells all of it.",
        ge=0,
        le=1,
        source="Messias, Yaish & Livshits (arXiv 2312.02752): farmers, and up to 66 % of airdrops sold at once.",
    )
    cash: Attribute = column(
        {"dist": "lognormal", "median": 5000, "sigma": 1.5},
        unit="USD",
        doc="Wealth of an account beside the token, at the start (assumption).",
        ge=0,
    )
    speed: Rate = rate({"per_day": 0.7}, doc="Part of the tokens beyond those wanted that is sold.", ge=0, source=_GONE)
    trouble: Attribute = column(
        {"dist": "lognormal", "median": 10, "sigma": 1.5},
        unit="USD",
        doc="What claiming costs an account in time and risk, beside one transaction (assumption).",
        ge=0,
    )
    notice_days: Attribute = column(
        {"dist": "lognormal", "median": 3, "sigma": 1.5},
        unit="day",
        doc="Time until an account hears of tokens that it can claim (assumption).",
        ge=0,
    )
    window_days: float = quantity(
        90.0,
        unit="day",
        doc="Time after the last drop on a network when claims close.",
        gt=0,
        le=36_500,
        source="Two to three months after the drop: Ref Finance (gov.ref.finance, 2021), others up to a year.",
    )
    unclaimed: Literal["treasury", "burn"] = quantity(
        "treasury", unit="-", doc="Where tokens go that nobody has claimed when claims close."
    )

    def build(self, name: str, site: Site) -> AirdropRecipients:
        """Make the population; see `PopulationSpec.build`."""
        return AirdropRecipients(name, site, self)


class AirdropRecipients(Diversifiers):
    """Accounts that were promised tokens.

    Parameters
    ----------
    name : str
    site : Site
    spec : AirdropRecipientsSpec

    Attributes
    ----------
    due : int64[n], base units
        What each can still claim.
    unclaimed : int64[K], base units
        What can be claimed, with what rounding leaves of it to nobody.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        *Diversifiers.COLUMNS,
        Column("due", "int64", "base unit", "Tokens that it can claim."),
        Column("trouble", "float64", "USD", "Cost of claiming for all its accounts, beside transactions."),
        Column("notice_days", "float64", "day", "Time until it hears of a drop."),
    )
    RECEIVER: ClassVar[str] = AIRDROP
    SALES: ClassVar[str] = "airdrop_sales"
    HELD: ClassVar[str] = "airdrop_tokens"
    RECORDS: ClassVar[tuple[str, ...]] = (AIRDROP,)

    def __init__(self, name: str, site: Site, spec: AirdropRecipientsSpec) -> None:
        super().__init__(name, site, spec)
        self.spec = spec
        self.usd *= spec.accounts_per_agent
        self.risk_aversion[spec.draw("farmer", site, self.ids) > 0.5] = _NOTHING_RISKY
        self.due = self.zeros("due")
        trouble = spec.draw("trouble", site, self.ids) * spec.accounts_per_agent
        self.trouble: Floats = self.store("trouble", trouble)
        self.notice_days: Floats = self.store("notice_days", spec.draw("notice_days", site, self.ids))
        self.unclaimed = np.zeros(site.n_networks, np.int64)
        self._dropped = np.zeros(site.n_networks, np.bool_)
        self._since = np.zeros(site.n_networks, np.int64)

    def promise(self, k: int, amount: int) -> None:
        """Let tokens of network `k` be claimed, by claim.

        Parameters
        ----------
        k : int
        amount : int
            Base units.
        """
        self._share_out(k, amount, self.due)
        self.unclaimed[k] += amount
        self._dropped[k] |= amount > 0

    def institutions(self) -> dict[str, Holdings]:
        """Return what has not been claimed; see `Population.institutions`."""
        return {AIRDROP: Holdings(0, self.unclaimed.copy())}

    def on_issuance(self, economy: Any) -> None:
        """Claim what is worth it."""
        self._since[self._dropped] = economy.step
        self._dropped[:] = False
        claimed = self.collect(self._age(economy.step), economy.price_micro(), economy.drivers["transaction_cost"])
        for k in range(economy.k):
            economy.post(k, "claims", AIRDROP, self.name, claimed[k])
        economy.note("airdrop_claimed", economy.tokens(claimed))

    def on_treasury_and_governance(self, economy: Any) -> None:
        """Close claims whose time is over; then as everybody who diversifies."""
        for k in np.flatnonzero(self._age(economy.step) >= self.spec.window_days):
            self._close(economy, int(k))
        economy.note("airdrop_unclaimed", economy.tokens(self.unclaimed))
        super().on_treasury_and_governance(economy)

    def _age(self, step: int) -> Floats:
        """Return how long ago the last drop was on each network, float64[K], days."""
        return (step - self._since) * np.float64(self.site.dt_days)

    def collect(self, age: Floats, price_micro: Floats, transaction_cost: float) -> Ints:
        """Claim what is due where that is known and worth it; return what was claimed on each network.

        Parameters
        ----------
        age : float64[K], days
            Time since the last drop.
        price_micro : float64[K], micro-USD per base unit
        transaction_cost : float, USD

        Returns
        -------
        int64[K], base units
        """
        cost = (self.trouble + transaction_cost * self.spec.accounts_per_agent) * MICRO
        worth = self.due * price_micro[self.network]
        claims = (self.due > 0) & (age[self.network] >= self.notice_days) & (worth >= cost)
        taken = np.where(claims, self.due, 0)
        self.tokens += taken
        self.due -= taken
        claimed = self.by_network(taken)
        self.unclaimed -= claimed
        return claimed

    def _close(self, economy: Any, k: int) -> None:
        rest = int(self.unclaimed[k])
        self.unclaimed[k] = 0
        self.due[self.network == k] = 0
        if self.spec.unclaimed == "burn":
            economy.accounts.burned[k] += rest
            economy.post(k, "burn", AIRDROP, "burned", rest)
            economy.metrics["burned"][k] += rest / economy.base[k]
        else:
            economy.accounts.treasury_tokens[k] += rest
            economy.post(k, "claims", AIRDROP, "treasury", rest)
