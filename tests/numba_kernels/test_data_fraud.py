"""Fraud with data: the slow twin, what deters, and inspections."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import data_fraud, random
from catallaxy.numba_kernels.data_fraud import Fraud, Inspection, Sellers
from oracles.data_fraud import decide_reference, worth_reference

SHARE = st.floats(0.0, 1.0)
PEOPLE = st.lists(
    st.tuples(st.integers(0, 3), st.floats(0.0, 100.0), SHARE, st.floats(0.0, 5.0)), min_size=1, max_size=12
)
FRAUD = st.builds(
    Fraud,
    effort=SHARE,
    copies=st.floats(1.0, 20.0),
    copy_cost=st.floats(0.0, 1.0),
    bounty=st.floats(0.0, 1.0),
    harm=st.floats(0.0, 10.0),
    risk=st.floats(0.0, 3.0),
)


class Crowd:
    """Providers on one network, all on offer."""

    def __init__(self, people: list[tuple[int, float, float, float]]) -> None:
        kinds, own, names, costs = (np.array(column) for column in zip(*people, strict=True))
        n = len(people)
        self.sellers = Sellers(np.zeros(n, np.int64), kinds.astype(np.int8), own.astype(float), names.astype(float))
        self.cost, self.units = costs.astype(float), np.zeros(n)
        self.cheating, self.active = np.zeros(n, np.int8), np.ones(n, np.int8)

    def decide(self, income: float, fraud: Fraud) -> npt.NDArray[np.int64]:
        data_fraud.decide(self.sellers, np.full(1, income), fraud, self.cheating, self.units, self.cost)
        tally = np.zeros((1, 5), np.int64)
        data_fraud.survey(self.sellers, fraud, self.active, self.cheating, self.units, tally)
        return tally[0]


@given(PEOPLE, st.floats(0.0, 1.0), FRAUD)
def test_choices_and_what_they_are_worth_equal_the_slow_twin(
    people: list[tuple[int, float, float, float]], income: float, fraud: Fraud
) -> None:
    crowd = Crowd(people)
    tally = crowd.decide(income, fraud)
    twins = [decide_reference(*person, income, fraud) for person in people]
    assert crowd.cheating.tolist() == [twin[0] for twin in twins]
    assert crowd.units == pytest.approx([twin[1] for twin in twins], rel=1e-12)
    assert crowd.cost == pytest.approx([twin[2] for twin in twins], rel=1e-12)
    worth = [worth_reference(p[0], t[0], fraud) for p, t in zip(people, twins, strict=True)]
    offered = [int(t[1] * 1000) for t in twins]
    assert tally[:3].tolist() == [len(people), sum(t[0] for t in twins), pytest.approx(sum(offered), abs=len(people))]
    genuine = sum(max(w, 0) * u for w, u in zip(worth, offered, strict=True))
    assert tally[3] == pytest.approx(genuine, abs=2 * len(people))
    total = sum(w * u for w, u in zip(worth, offered, strict=True))
    assert tally[4] == pytest.approx(total, abs=12 * len(people))


@given(PEOPLE, st.floats(0.0, 1.0), FRAUD, st.floats(1.0, 10.0))
def test_more_risk_never_makes_more_cheats(
    people: list[tuple[int, float, float, float]], income: float, fraud: Fraud, factor: float
) -> None:
    lax, strict = Crowd(people), Crowd(people)
    lax.decide(income, fraud)
    strict.decide(income, fraud._replace(risk=fraud.risk * factor))
    assert np.all(strict.cheating <= lax.cheating)


def test_inspections_find_as_many_as_they_should_and_names_recover() -> None:
    n = 20_000
    ids, home = np.arange(n), np.zeros(n, np.int64)
    active, cheating = np.ones(n, np.int8), (ids % 2).astype(np.int8)
    active[:100] = 0
    reputation, tally = np.full(n, 0.5), np.zeros((1, 2), np.int64)
    how = Inspection(0.5, 0.8, 0.1, 0.2)
    data_fraud.inspect(random.step_key(1, 22, 0), ids, home, (active, cheating, reputation), how, tally)
    assert tally[0] == pytest.approx([9_950 * 0.4, 9_950 * 0.05], rel=0.1)
    assert np.sum(reputation == 0.0) == tally.sum()
    assert reputation[:100] == pytest.approx(0.6)
    assert set(np.round(reputation, 6)) == {0.0, 0.6}
