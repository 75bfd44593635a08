from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.sweeps.dispatch.loky_pool import LokyPool
from catallaxy.sim.sweeps.dispatch.pools import ExecutorPool, SerialPool, open_pool, usable_cores
from catallaxy.sim.sweeps.dispatch.starting import ONE_THREAD, answer, timed
from oracles.tasks import is_alive, worker_pids


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as executor:
        yield executor


def test_pools_are_asked_for_by_name_or_as_objects(threads: ThreadPoolExecutor) -> None:
    assert isinstance(open_pool("serial", 4), SerialPool)
    loky = open_pool()
    assert isinstance(loky, LokyPool)
    assert loky.workers == usable_cores() >= 1
    assert open_pool("loky", 3).workers == 3
    assert open_pool(threads).workers == 3
    assert open_pool(threads, 2).workers == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lokey",), r"executor is 'lokey'; allowed are 'loky', 'dask', 'serial'; did you mean 'loky'\?"),
        ((3,), r"executor is 3, which has no method `submit`; allowed are 'loky', 'dask', 'serial', an executor"),
        ((dict,), r"which has no method `submit`"),
        (("loky", 0), r"jobs is 0; at least 1 worker is needed"),
        (("serial", None, "tcp://127.0.0.1:1"), r"a Dask scheduler \(tcp://127.0.0.1:1\) and the executor 'serial'"),
    ],
)
def test_what_is_no_pool_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(CatallaxyError, match=message):
        open_pool(*arguments)


def test_dask_that_is_not_installed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CatallaxyError, match=r"Dask is not installed: pip install 'catallaxy\[dask\]'"):
        open_pool("dask")


def test_this_process_returns_results_and_errors() -> None:
    pool = SerialPool()
    assert pool.submit(answer, 3).result() == 3
    with pytest.raises(TypeError):
        pool.submit(len, 3).result()
    pool.renew()
    pool.close()


def test_an_executor_of_the_caller_stays_open_and_one_made_here_does_not(threads: ThreadPoolExecutor) -> None:
    open_pool(threads).close()
    assert threads.submit(answer, 1).result() == 1
    pool = ExecutorPool(lambda: ThreadPoolExecutor(1))
    assert pool.submit(answer, 2).result() == 2
    pool.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        pool.submit(answer, 3)


def test_an_executor_that_does_not_say_how_many_workers_it_has_gets_one_per_core() -> None:
    class Plain:
        num_workers = "many"

        def submit(self) -> None:
            """Do nothing."""

    assert open_pool(Plain()).workers == usable_cores()


@pytest.mark.slow
def test_loky_workers_have_one_thread_are_replaced_and_leave_nothing() -> None:
    pool = LokyPool(2)
    assert not pool.watch()
    pool.close()
    pool.renew()
    assert [pool.submit(os.getenv, name).result() for name in ONE_THREAD] == ["1"] * len(ONE_THREAD)
    first = worker_pids(pool)
    assert len(first) == 2
    assert not pool.watch()
    pool.renew()
    assert not any(map(is_alive, first))
    assert pool.submit(partial(timed, answer), "again").result()[1] == "again"
    second = worker_pids(pool)
    pool.close()
    pool.close(kill=True)
    assert not any(map(is_alive, second))
