"""Known episodes in real prices, which are beside the repository or nowhere."""

from __future__ import annotations

import numpy as np
import pytest

from catallaxy.sim.analysis.market.bubbles import Null, bubbles
from catallaxy.sim.analysis.market.phases import zig_zag
from catallaxy.sim.analysis.market.price_files import read_prices
from repository.sources import ROOT

FILE = ROOT.parent / "shared" / "data" / "prices" / "btc_yahoo_2014_2022_MIT.csv"


@pytest.mark.jit
@pytest.mark.slow
@pytest.mark.skipif(not FILE.is_file(), reason="needs real prices, which are not part of the repository")
def test_bitcoin_was_explosive_in_late_2017_and_early_2021() -> None:
    [prices] = read_prices(FILE).values()
    found = bubbles(prices, Null("monte-carlo", paths=99))
    booms = [episode for episode in found.episodes if episode.kind == "boom"]
    for day in ("2017-12-01", "2021-01-05", "2021-02-20"):
        assert any(episode.start <= np.datetime64(day) <= episode.end for episode in booms)
    assert found.gsadf == pytest.approx(3.889, abs=0.001)
    assert found.gsadf_p == 0.01
    peaks = [str(phase.end) for phase in zig_zag(prices) if phase.kind == "bull" and phase.complete]
    assert peaks[0] == "2017-12-16"
