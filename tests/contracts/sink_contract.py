"""What every sink must do: take and divide no more than there is, to receivers that exist."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.tokenomics.sinks import RECEIVERS, Sink, check_sinks
from contracts.plugin_contract import PluginContract, any_input

__all__ = ["SinkContract"]

amounts = st.integers(0, 2**60)


class SinkContract(PluginContract):
    """Conformance tests of a sink: override the fixture `sink`."""

    @pytest.fixture
    def sink(self) -> Sink:
        raise NotImplementedError("override the fixture `sink` with the sink under test")

    @pytest.fixture
    def plugin(self, sink: Sink) -> Sink:
        return sink

    @any_input
    @given(amount=amounts, stake=amounts)
    def test_takes_no_more_than_there_is_and_divides_what_it_takes(self, sink: Sink, amount: int, stake: int) -> None:
        taken, parts = sink.take(amount), sink.parts(amount, stake)
        assert 0 <= taken <= amount
        assert min(parts.values()) >= 0
        assert sum(parts.values()) == taken
        assert set(parts) <= set(sink.receivers()) <= set(RECEIVERS)

    @any_input
    @given(amount=amounts)
    def test_takes_at_most_its_largest_share(self, sink: Sink, amount: int) -> None:
        assert sink.take(amount) <= sink.largest_share() * amount

    def test_is_accepted_and_says_what_it_does(self, sink: Sink) -> None:
        assert check_sinks([sink]) == []
        assert sink.describe().endswith(".")
