"""Users: people and firms that pay for AI services, from an incumbent or from one of the networks.

Segments differ in what they care about; adoption is a Bass (1969) hazard split by a choice over networks, with the
centralized incumbents as the outside option (`agents/choice.py`).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.choice import Choice, NestsSpec, Offers, SegmentSpec, choose
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.population import (
    AGENT_KINDS,
    MICRO,
    Column,
    Flags,
    Floats,
    Ints,
    Population,
    PopulationSpec,
    Site,
)
from catallaxy.agents.rates import Rate, rate

__all__ = ["Offers", "RepresentativeUsers", "SegmentSpec", "Users", "UsersSpec"]


def _one_segment() -> dict[str, SegmentSpec]:
    return {"everyone": SegmentSpec(share=1.0)}


@AGENT_KINDS.register("users")
class UsersSpec(PopulationSpec):
    """Declared parameters of users."""

    summary: ClassVar[str] = "People and firms that pay for AI services."

    persons_per_agent: float = quantity(100.0, unit="person", doc="People that one agent stands for.", gt=0, le=1e9)
    spending: Attribute = column(
        {"dist": "lognormal", "median": 0.25, "sigma": 1.0},
        unit="USD/day",
        doc="Spending on AI services of one person at the reference price.",
        ge=0,
    )
    reference_price: float = quantity(
        15.0,
        unit="USD/unit",
        doc="Price of a service unit, a million output tokens, at which `spending` holds.",
        source="List price of GPT-4o in 2024-05 (models.dev), where the incumbents' price starts.",
        gt=0,
        le=1e6,
    )
    segments: dict[str, SegmentSpec] = quantity(
        default_factory=_one_segment, unit="-", doc="Segments of users by name; shares sum to 1."
    )
    innovation: Rate = rate({"per_year": 0.03}, doc="Bass p: joining without seeing others do so.", ge=0)
    imitation: Rate = rate({"per_year": 0.9}, doc="Bass q: word of mouth, times the share of users.", ge=0)
    churn: Rate = rate({"per_year": 0.5}, doc="Hazard of leaving a network that is no better than the outside.", ge=0)
    start_share: float = quantity(
        0.01, unit="1", doc="Share of users that are on some network at the start.", ge=0, le=1
    )
    price_elasticity: float = quantity(
        0.7, unit="1", doc="Elasticity of the quantity of services to their price, with its sign turned.", ge=0, le=5
    )
    fidelity: Literal["agents", "representative"] = quantity(
        "agents",
        unit="-",
        doc="Whether every agent draws what it does, or the users of a segment move by what is expected of them.",
    )

    region: Attribute = column(
        0.0, unit="-", doc="Number of the region where the user is, rounded down; 0 is the first.", ge=0, le=63
    )
    urgency: Rate = rate(
        {"per_day": 0.02},
        doc="Hazard of looking for another supplier while the incumbents cannot serve, times what they cannot serve.",
        ge=0,
    )
    compatibility: float = quantity(
        0.0,
        unit="1",
        doc="Weight in word of mouth of users of other networks, where networks are fully interoperable.",
        source="Katz & Shapiro (1985, American Economic Review 75:424): 1 when users of compatible networks count like "
        "those of one's own; off by default.",
        ge=0,
        le=1,
    )
    nests: NestsSpec | None = quantity(
        None,
        unit="-",
        doc="Nested choice among networks and incumbents; a plain logit against one incumbent when left out.",
    )

    def spending_at(self, price: float) -> float:
        """Return what is spent at a price (USD/unit) over what is spent at the reference price."""
        relative = max(price / self.reference_price, 1e-6)
        return float(nk.elementary.power_scalar(relative, 1.0 - self.price_elasticity))

    @property
    def complies(self) -> bool:
        """Whether the users of a segment need clear rules."""
        return any(segment.compliance is not None for segment in self.segments.values())

    def build(self, name: str, site: Site) -> Users:
        """Make the population; see `PopulationSpec.build`."""
        kind = RepresentativeUsers if self.fidelity == "representative" else Users
        return kind(name, site, self)


class Users(Population):
    """Users of AI services.

    Attributes
    ----------
    tally : int64[K + 1, 4]
        Users of each network, what they spend at the reference price (micro-USD), joined and left; outside last.
    by_segment : int64[S, K + 1, 4]
        The same by segment.
    choice : Choice or None
        What users choose in this step; None before the first.
    reachable : int8[n] or None
        1 for those who can reach the networks in this step; None where all can.
    suspended : int64[K], micro-USD
        Spending at the reference price of users who cannot reach their network.
    paid, surplus : float64[S, K], USD
        What users have paid and gained since the start.
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("segment", "int8", "-", "Segment number."),
        Column("network", "int64", "-", "Network used; -1 for the incumbents."),
        Column("spending", "int64", "micro-USD/step", "Spending at the reference price."),
        Column("region", "int8", "-", "Number of its region."),
    )

    def __init__(self, name: str, site: Site, spec: UsersSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec
        shares = np.cumsum([segment.share for segment in spec.segments.values()])
        position = (self.ids * 0.7548776662466927) % 1.0
        segment = np.minimum(np.searchsorted(shares, position, side="right"), len(shares) - 1)
        self.segment = self.store("segment", segment.astype(np.int8))
        self.network: Ints = self.store("network", self._first_choice(site))
        per_step = spec.draw("spending", site, self.ids) * spec.persons_per_agent * site.dt_days * MICRO
        self.spending: Ints = self.store("spending", per_step.astype(np.int64))
        self.region: Flags = self.store("region", spec.draw("region", site, self.ids).astype(np.int8))
        self.reachable: Flags | None = None
        self.suspended = np.zeros(site.n_networks, np.int64)
        self.by_segment: npt.NDArray[Any] = np.zeros((len(shares), site.n_networks + 1, 4), np.int64)
        self.tally: npt.NDArray[Any] = np.zeros((site.n_networks + 1, 4), np.int64)
        self.choice: Choice | None = None
        self.paid, self.surplus = np.zeros((2, len(shares), site.n_networks))

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that options add; see `Population.records`."""
        return ("compliance",) if self.spec.complies else ()

    def _first_choice(self, site: Site) -> Ints:
        position = (self.ids * 0.5698402909980532) % 1.0
        chosen = np.floor(position / max(self.spec.start_share, 1e-12) * site.n_networks).astype(np.int64)
        return np.where(position < self.spec.start_share, np.minimum(chosen, site.n_networks - 1), -1)

    def adopt(self, key: np.uint64, offers: Offers) -> npt.NDArray[Any]:
        """Let users join and leave; return the tally.

        Parameters
        ----------
        key : uint64
        offers : Offers

        Returns
        -------
        int64[K + 1, 4]
            Or float64, without chance.
        """
        exp = nk.elementary.exp_scalar
        self.choice = choose(self.spec.segments.values(), offers, self.spec.nests)
        chosen = self.choice.networks
        dt, churn = self.site.dt_days, self.spec.churn.flow(self.site.dt_days)
        users = self._within_reach(self.tally[:-1, 0] / self.n, offers.interoperability)
        hazard = self.spec.innovation.flow(dt) * offers.narrative + self.spec.imitation.flow(dt) * users
        hazard = hazard * offers.attention
        hazard = hazard + self.spec.urgency.flow(dt) * (1.0 - offers.incumbents)
        join = np.array([[1.0 - exp(-h) for h in row] for row in hazard * chosen])
        leave = np.array([[1.0 - exp(-h) for h in row] for row in churn * 2.0 * (1.0 - chosen)])
        self.suspended[:] = 0
        if self.reachable is not None:
            self._move_under_ban(key, np.cumsum(join, axis=1), leave, 1.0 - exp(-churn * 2.0))
            return self.tally
        self.move(key, np.cumsum(join, axis=1), leave)
        self.tally = self.by_segment.sum(axis=0)
        return self.tally

    def _within_reach(self, users: Floats, interoperability: float) -> Floats:
        """Return the share of users that counts in word of mouth for each network, from those that each has."""
        others = self.spec.compatibility * interoperability
        return users if others == 0.0 else users + others * (users.sum() - users)

    def permitted_share(self) -> float:
        """Return the share of users that may use a network."""
        if self.choice is None:
            return 1.0
        return float((self.by_segment[:, :, 0].sum(axis=1) * self.choice.permitted).sum() / self.n)

    def move(self, key: np.uint64, join: Floats, leave: Floats) -> None:
        """Draw who joins and leaves.

        Parameters
        ----------
        key : uint64
        join : float64[S, K]
            Cumulative over networks: probability that an outside user of the segment joins network <= k.
        leave : float64[S, K]
            Probability that a user leaves.
        """
        nk.adoption.transition(key, self.ids, self.segment, self.network, self.spending, join, leave, self.by_segment)

    def _move_under_ban(self, key: np.uint64, join: Floats, leave: Floats, giving_up: float) -> None:
        """Move users of whom some cannot reach the networks: they stay, spend with the incumbents, and may give up."""
        barred, n_segments = self.reachable == 0, len(join)
        segment = np.where(barred, self.segment + n_segments, self.segment).astype(np.int8)
        join = np.concatenate([join, np.zeros_like(join)])
        leave = np.concatenate([leave, np.full_like(leave, giving_up)])
        spending, tally = (
            np.where(barred, 0, self.spending),
            np.zeros((2 * n_segments, *self.by_segment.shape[1:]), np.int64),
        )
        nk.adoption.transition(key, self.ids, segment, self.network, spending, join, leave, tally)
        self.by_segment[:] = tally[:n_segments] + tally[n_segments:]
        self.tally = self.by_segment.sum(axis=0)
        self.tally[-1, 1] += self.spending[barred].sum()
        for k in range(len(self.suspended)):
            self.suspended[k] = self.spending[barred & (self.network == k)].sum()


class RepresentativeUsers(Users):
    """The same users without chance: one user of each segment stands for all, and moves by the expected shares.

    Counts are not whole numbers. Rows keep the network of the start; they say who is stood for, and spends how much.

    Attributes
    ----------
    members : float64[S, K + 1]
        Agents of each segment at each network; the outside comes last.
    """

    def __init__(self, name: str, site: Site, spec: UsersSpec) -> None:
        super().__init__(name, site, spec)
        cells = (len(spec.segments), site.n_networks + 1)
        where = (self.segment, np.where(self.network < 0, site.n_networks, self.network))
        self.members: Floats = np.zeros(cells)
        np.add.at(self.members, where, 1.0)
        spent = np.zeros(cells[0], np.int64)
        np.add.at(spent, self.segment, self.spending)
        self._spending = spent / np.maximum(self.members.sum(axis=1), 1.0)
        self.by_segment, self.tally = np.zeros(self.by_segment.shape), np.zeros(self.tally.shape)

    def move(self, key: np.uint64, join: Floats, leave: Floats) -> None:
        """Move the expected shares; see `Users.move`."""
        joined = self.members[:, -1:] * np.diff(np.minimum(join, 1.0), axis=1, prepend=0.0)
        left = self.members[:, :-1] * leave
        self.members[:, :-1] += joined - left
        self.members[:, -1] += (left - joined).sum(axis=1)
        self.by_segment[:, :, 0] = self.members
        self.by_segment[:, :, 1] = self._spending[:, None] * self.members
        self.by_segment[:, :-1, 2], self.by_segment[:, :-1, 3] = joined, left
