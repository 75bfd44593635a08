"""The job queue: its slow twin, conserved work, monotonicity, and payments that cover what is sold."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import job_queue as queue
from oracles.job_queue import Job, step_reference

WORK = st.integers(0, 10**7)
JOBS = st.lists(st.builds(Job, WORK, WORK, WORK, WORK), min_size=1, max_size=6)
PARTS = st.sampled_from([0.0, 0.125, 0.5, 0.875, 1.0])
ORDERS = st.sampled_from(queue.ORDERS)


def step(
    jobs: list[Job], sold: int, order: str, terms: tuple[float, float, int]
) -> tuple[list[Job], np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Run the kernels on one network; return jobs after the step, and the tally."""
    columns = np.array([[job.inference, job.training, job.waiting, job.due] for job in jobs], np.int64).T.copy()
    wanted = np.array([[columns[0].sum(), columns[3].sum(), columns[1].sum()]])
    shares, tally = np.zeros((1, 3)), np.zeros((1, 5), np.int64)
    queue.ration(wanted, np.array([min(sold, int(wanted.sum()))]), queue.ORDERS.index(order), shares)
    leaving, cloud, longest = terms
    local, outside = np.zeros((2, len(jobs)), np.int64)
    inference, training, waiting, due = columns
    queue.serve(
        np.zeros(len(jobs), np.int64),
        (inference, training, waiting, due),
        shares,
        queue.Terms(leaving, cloud, np.array([longest])),
        (local, outside),
        tally,
    )
    after = [Job(*(int(x) for x in row)) for row in np.stack([*columns, local, outside], axis=1)]
    return after, tally[0]


def payable(jobs: list[Job]) -> list[Job]:
    return [Job(job.inference, job.training, job.waiting, min(job.due, job.waiting)) for job in jobs]


@given(JOBS, WORK, ORDERS, PARTS, PARTS, WORK)
def test_the_slow_twin_agrees_and_work_is_conserved(
    jobs: list[Job], sold: int, order: str, leaving: float, cloud: float, longest: int
) -> None:
    before, expected = payable(jobs), payable(jobs)
    found, tally = step(deepcopy(before), sold, order, (leaving, cloud, longest))
    total = sum(job.inference + job.training + job.due for job in before)
    moves = step_reference(expected, min(sold, total), order, Fraction(leaving), Fraction(cloud), longest)
    rounding = 3 * len(jobs)
    assert tally == pytest.approx([*moves.values()], abs=rounding)
    for got, wanted, was in zip(found, expected, before, strict=True):
        assert [got.inference, got.training, got.waiting, got.local, got.outside] == pytest.approx(
            [wanted.inference, wanted.training, wanted.waiting, wanted.local, wanted.outside], abs=rounding
        )
        assert got.inference <= was.inference
        assert min(got.training, got.waiting, got.local, got.outside) >= 0
        assert got.local + got.outside == got.inference + got.training
    given_up = int(tally[queue.GIVEN_UP])
    arrived = sum(job.training + job.waiting for job in before)
    assert arrived == sum(job.training + job.waiting for job in found) + given_up
    assert sum(job.local for job in found) >= min(sold, total), "nodes deliver no more than builders pay for"


@given(JOBS, WORK, WORK, PARTS, WORK)
def test_more_hours_leave_no_more_waiting_where_inference_or_age_comes_first(
    jobs: list[Job], sold: int, more: int, leaving: float, longest: int
) -> None:
    jobs, rounding = payable(jobs), 3 * len(jobs)
    for order in queue.ORDERS[:2]:
        few, _ = step(deepcopy(jobs), sold, order, (leaving, 1.0, longest))
        many, _ = step(deepcopy(jobs), sold + more, order, (leaving, 1.0, longest))
        assert sum(job.outside for job in many) <= sum(job.outside for job in few) + rounding


@given(JOBS, WORK, ORDERS, st.randoms(use_true_random=False))
def test_rows_can_stand_in_any_order(jobs: list[Job], sold: int, order: str, chance: object) -> None:
    jobs = payable(jobs)
    turned = [*range(len(jobs))]
    chance.shuffle(turned)  # type: ignore[attr-defined]
    straight, tally = step(deepcopy(jobs), sold, order, (0.25, 1.0, 10**6))
    shuffled, other = step([deepcopy(jobs[i]) for i in turned], sold, order, (0.25, 1.0, 10**6))
    assert [straight[i] for i in turned] == shuffled
    assert tally.tolist() == other.tolist()


def test_inference_goes_first_or_jobs_do_by_age_or_all_share() -> None:
    jobs = [Job(inference=100, training=100, waiting=100, due=100)]
    served = {order: step(deepcopy(jobs), 150, order, (0.0, 0.0, 10**6))[0][0] for order in queue.ORDERS}
    assert (served["inference first"].inference, served["inference first"].training) == (100, 50)
    assert (served["oldest first"].inference, served["oldest first"].training) == (25, 125)
    assert (served["in proportion"].inference, served["in proportion"].training) == (50, 100)


def test_only_what_can_be_paid_for_is_due_and_payments_fit() -> None:
    network, usd = np.zeros(2, np.int64), np.array([10_000_000, 1_000])
    planned = (np.array([1_000_000, 0]), np.array([1_000, 0]), np.array([2_000, 0]))
    waiting, due, ceiling = np.array([10_000, 10_000]), np.zeros(2, np.int64), np.array([2.0])
    queue.set_due(network, usd, planned, ceiling, waiting, due)
    assert due.tolist() == [1499, 0], "9 dollars buy 4,500 milli-hours at the ceiling; 3,000 of them are planned"
    tally = np.zeros((1, 2), np.int64)
    queue.pay(network, usd, (np.array([1_000, 0]), np.array([3_499, 0])), np.array([1.5]), 2.0, tally)
    assert usd.min() >= 0
    assert tally.tolist() == [[1_500_001, 6_998_000]]
