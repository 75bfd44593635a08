"""What every key figure must do: inherit `KpiContract`, give it yours, and run pytest.

    class TestLargestCap(KpiContract):
        @pytest.fixture
        def kpi(self):
            return largest_cap

It is evaluated on made-up records of different lengths and networks.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from catallaxy.sim.analysis.key_figures import Kpi, evaluate
from catallaxy.sim.recording.record import RunRecord
from synthetic import make_record


class KpiContract:
    """Conformance tests of one key figure."""

    @pytest.fixture
    def kpi(self) -> Kpi:
        raise NotImplementedError("override the fixture `kpi` with the key figure under test")

    def values(self, kpi: Kpi, record: RunRecord) -> dict[str, float]:
        """Return what it gives for every network of a record."""
        return evaluate(record, [kpi])[kpi.name]

    def test_gives_a_number_for_every_network(self, kpi: Kpi) -> None:
        record = make_record(60, networks=3)
        assert list(self.values(kpi, record)) == list(record.networks)

    def test_gives_the_same_number_again_and_changes_nothing(self, kpi: Kpi) -> None:
        record = make_record(60, networks=2)
        kept = {name: values.copy() for name, values in record.series.items()}
        assert str(self.values(kpi, record)) == str(self.values(kpi, record))
        same = (np.array_equal(record.series[name], values, equal_nan=True) for name, values in kept.items())
        assert all(same)

    def test_a_run_of_one_step_is_no_reason_to_stop(self, kpi: Kpi) -> None:
        self.values(kpi, make_record(1))

    def test_is_undefined_without_steps(self, kpi: Kpi) -> None:
        record = make_record(0)
        without = replace(record, income=[], stake=[], flows=[], dilution=[], gains=[])
        assert all(math.isnan(value) for value in self.values(kpi, without).values())
