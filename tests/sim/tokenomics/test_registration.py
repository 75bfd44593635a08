"""Prices of entry against Bittensor's own numbers, and what must hold for any."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from catallaxy.sim.tokenomics.sinks import REGISTRATIONS, DecayingCost, LockCost, PricedRegistration
from contracts.registration_contract import RegistrationContract

RAO = 10**9


def lock(**parameters: Any) -> LockCost:
    built = REGISTRATIONS.build({"kind": "lock-cost", "start": 1000, **parameters})
    assert isinstance(built, LockCost)
    return built


def neuron(**parameters: Any) -> DecayingCost:
    built = REGISTRATIONS.build({"kind": "decaying-cost", "start": 1.0, **parameters})
    assert isinstance(built, DecayingCost)
    return built


class TestBittensor:
    """opentensor/subtensor: root.rs `get_network_lock_cost`, and the price of a neuron in lib.rs."""

    @pytest.mark.parametrize(
        ("blocks", "tao"), [(0, 2000.0), (50_400, 1500.0000464), (100_800, 1000.0000928), (150_000, 1000.0)]
    )
    def test_lock_cost_after_a_subnet_for_1000(self, blocks: int, tao: float) -> None:
        assert lock().cost(1000 * RAO, blocks, RAO) == round(tao * RAO)

    @pytest.mark.parametrize(
        ("blocks", "tao"),
        [(0, 5000.0), (7200, 4821.4285736), (50_400, 3750.0000152), (151_200, 1250.0000456), (201_600, 1000.0)],
    )
    def test_lock_cost_after_a_subnet_for_2500(self, blocks: int, tao: float) -> None:
        assert lock().cost(2500 * RAO, blocks, RAO) == round(tao * RAO)

    def test_lock_cost_doubles_with_each_registration(self) -> None:
        first = lock().cost(1000 * RAO, 0, RAO)
        assert lock().cost(lock().after(first, 1, RAO), 0, RAO) == 2 * first
        assert lock().cost(lock().after(first, 3, RAO), 0, RAO) == 8 * first

    def test_a_neuron_every_120_blocks_keeps_the_price(self) -> None:
        # 360 log2(1.26) = 120.0325 blocks: 120 leave it a little higher, 121 a little lower
        raised = neuron().after(RAO, 1, RAO)
        assert raised == 1.26 * RAO
        assert neuron().cost(raised, 120, RAO) == pytest.approx(RAO * 2 ** (0.0325 / 360), rel=1e-6)
        assert neuron().cost(raised, 121, RAO) < RAO < neuron().cost(raised, 120, RAO)

    def test_a_neuron_costs_half_after_360_blocks_and_stays_in_bounds(self) -> None:
        assert neuron().cost(RAO, 360, RAO) == RAO // 2
        assert neuron().cost(RAO, 10**6, RAO) == RAO // 2000
        assert neuron().after(RAO, 10**6, RAO) == 100 * RAO


@pytest.mark.parametrize("price", [lock(), lock(lowest=0.0, interval_blocks=7), neuron(), neuron(factor=3.0)], ids=repr)
class TestBuiltIn(RegistrationContract):
    @pytest.fixture
    def rule(self, price: PricedRegistration) -> PricedRegistration:
        return price


class TestStepwise(RegistrationContract):
    """A price that anybody could write: it doubles with each entry, and is the lowest again after a day."""

    class Stepwise(PricedRegistration):
        summary: ClassVar[str] = "The cost doubles with each entry and is back after a day."

        def cost(self, last: int, blocks: int, base: int) -> int:
            return min(last, base) if self.block_seconds * blocks > 86_400 else last

        def after(self, cost: int, entrants: int, base: int) -> int:
            return min(cost * 2 ** min(entrants, 60), 2**61)

    @pytest.fixture
    def rule(self) -> PricedRegistration:
        return self.Stepwise(kind="stepwise", start=1.0)
