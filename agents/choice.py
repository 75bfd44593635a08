"""What users compare and how they choose: a logit over networks and incumbents, nested where a scenario says so.

A segment can have to comply with rules: then only a part of its users may use a network at all, and the others have no
such choice (C. F. Manski, "The structure of random utility models", *Theory and Decision* 8 (1977), 229).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Floats

__all__ = ["Choice", "ComplianceSpec", "NestsSpec", "Offers", "Rivals", "SegmentSpec", "choose"]

#: The log of the share delivered goes no lower than that of this one.
_LEAST_DELIVERED = 0.01


class ComplianceSpec(Spec):
    """How the users of a segment depend on clear rules."""

    threshold: float = quantity(
        0.5, unit="1", doc="Regulatory clarity at which half of them may use a network.", ge=0, le=1
    )
    spread: float = quantity(
        0.1,
        unit="1",
        doc="How much they differ in it: the scale of a logistic distribution (assumption).",
        ge=0.001,
        le=10,
    )

    def permitted(self, clarity: float) -> float:
        """Return the share of users that may use a network at a regulatory clarity in [0, 1]."""
        return 1.0 / (1.0 + nk.elementary.exp_scalar((self.threshold - clarity) / self.spread))


class SegmentSpec(Spec):
    """Preferences of one segment of users."""

    share: float = quantity(unit="1", doc="Share of all users; the shares of the segments sum to 1.", ge=0, le=1)
    quality: float = quantity(2.0, unit="1", doc="Weight of log quality relative to the incumbents.", ge=0, le=20)
    price: float = quantity(1.0, unit="1", doc="Weight of log price relative to the incumbents.", ge=0, le=20)
    transaction_cost: float = quantity(
        0.5, unit="1/USD", doc="Weight of the cost of one on-chain payment.", ge=0, le=100
    )
    openness: float = quantity(
        0.0, unit="1", doc="Utility of privacy and of not being censored, over the incumbents.", ge=-20, le=20
    )
    reliability: float = quantity(
        0.0, unit="1", doc="Weight of the log of the share of demand that a network delivered.", ge=0, le=100
    )
    compliance: ComplianceSpec | None = quantity(
        None, unit="-", doc="How users of the segment, such as firms, depend on clear rules; not at all when left out."
    )


class NestsSpec(Spec):
    """How alike the offers of networks are, and those of incumbents."""

    networks: float = quantity(
        0.5,
        unit="1",
        doc="Dissimilarity of the networks: 1 as unlike as networks and incumbents, near 0 perfect substitutes "
        "(assumption).",
        ge=0.02,
        le=1,
    )
    incumbents: float = quantity(
        0.5, unit="1", doc="Dissimilarity of the incumbents, likewise (assumption).", ge=0.02, le=1
    )


@dataclass(frozen=True)
class Rivals:
    """What each of several incumbents offers.

    Attributes
    ----------
    price, quality : float64[J]
        Relative to the drivers of the incumbents' price and quality.
    openness : float64[J]
        How far each is as private and free from censorship as a network.
    share : float64[J]
        Of their customers when offers are equal.
    """

    price: Floats
    quality: Floats
    openness: Floats
    share: Floats


@dataclass(frozen=True)
class Offers:
    """What users compare.

    Attributes
    ----------
    price, quality : float64[K]
        Relative to the incumbents' (1 is equal).
    transaction_cost : float, USD
    narrative : float
        Multiplier of the hazard of innovation, about 1.
    openness : float64[K]
        Utility of each network beyond price and quality.
    incumbents : float
        Share of the demand that the incumbents can serve.
    clarity : float
        Regulatory clarity, from 0 to 1.
    attention : float64[K] or float
        Multiplier of the whole hazard.
    interoperability : float
        How well users of one network reach those of another, from 0 to 1.
    delivered : float64[K] or None
        Share of the demand that each network delivered; all where it is None.
    rivals : Rivals or None
        None where there is one incumbent, with the price and quality of the drivers.
    """

    price: Floats
    quality: Floats
    transaction_cost: float
    narrative: float
    openness: Floats
    incumbents: float = 1.0
    clarity: float = 1.0
    attention: Floats | float = 1.0
    interoperability: float = 0.0
    delivered: Floats | None = None
    rivals: Rivals | None = None


@dataclass(frozen=True)
class Choice:
    """What users of each segment choose.

    Attributes
    ----------
    networks : float64[S, K]
        Probability of each network.
    incumbents : float64[S, J]
        Shares of the incumbents in what is left to them.
    advantage : float64[S]
        Weight of all networks over that of the incumbents when these can serve everyone.
    permitted : float64[S]
        Share of users that may use a network.
    """

    networks: Floats
    incumbents: Floats
    advantage: Floats
    permitted: Floats


def choose(segments: Iterable[SegmentSpec], offers: Offers, nests: NestsSpec | None) -> Choice:
    """Return what the users of each segment choose.

    Parameters
    ----------
    segments : iterable of SegmentSpec
    offers : Offers
    nests : NestsSpec or None
        None for a logit without nests where there is one incumbent; the default nests where there are several.

    Returns
    -------
    Choice
    """
    segments = [*segments]
    over = _utilities(segments, offers)
    permitted = np.array([1.0 if s.compliance is None else s.compliance.permitted(offers.clarity) for s in segments])
    if nests is None and offers.rivals is None:
        weights = np.array([[nk.elementary.exp_scalar(u) for u in row] for row in over])
        chosen = weights / (offers.incumbents + weights.sum(axis=1, keepdims=True))
        advantage = np.array([sum(row) for row in weights.tolist()])
        among = np.ones((len(segments), 1))
    else:
        chosen, among, advantage = _nested(segments, over, offers, nests or NestsSpec())
    return Choice(chosen * permitted[:, np.newaxis], among, advantage, permitted)


def _nested(
    segments: list[SegmentSpec], over: Floats, offers: Offers, nests: NestsSpec
) -> tuple[Floats, Floats, Floats]:
    """Return the probabilities of the networks, the shares of the incumbents, and the networks' advantage."""
    rivals = offers.rivals or Rivals(np.ones(1), np.ones(1), np.zeros(1), np.ones(1))
    chosen, among, advantage = np.empty_like(over), np.empty((len(segments), len(rivals.share))), np.empty(len(over))
    weights = (np.ones(over.shape[1]), rivals.share)
    alike = nk.nested_choice.Nests(nests.networks, nests.incumbents)
    own, available = _utilities_of_rivals(segments, rivals), float(offers.incumbents)
    nk.nested_choice.choose(over, own, weights, alike, available, chosen, among, advantage)
    return chosen, among, advantage


def _utilities(segments: list[SegmentSpec], offers: Offers) -> Floats:
    """Return each segment's utility of each network relative to the incumbents, float64[S, K]."""
    log = nk.elementary.log_scalar
    log_price = np.array([log(max(price, 1e-9)) for price in offers.price])
    log_quality = np.array([log(max(quality, 1e-9)) for quality in offers.quality])
    delivered = np.ones_like(log_price) if offers.delivered is None else offers.delivered
    log_delivered = np.array([log(max(share, _LEAST_DELIVERED)) for share in delivered])
    return np.array(
        [
            s.quality * log_quality
            - s.price * log_price
            + s.reliability * log_delivered
            - s.transaction_cost * offers.transaction_cost
            + s.openness
            + offers.openness
            for s in segments
        ]
    )


def _utilities_of_rivals(segments: list[SegmentSpec], rivals: Rivals) -> Floats:
    """Return each segment's utility of each incumbent, float64[S, J]; dislike of openness is not held against them."""
    log = nk.elementary.log_scalar
    log_price = np.array([log(price) for price in rivals.price])
    log_quality = np.array([log(quality) for quality in rivals.quality])
    return np.array(
        [s.quality * log_quality - s.price * log_price + max(s.openness, 0.0) * rivals.openness for s in segments]
    )
