from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from catallaxy.sim.experiments.stopping import Stop


def interrupted_sleep(number: signal.Signals) -> None:
    """Signal this process, and do nothing for a long time."""
    os.kill(os.getpid(), number)
    time.sleep(30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_asks_for_a_stop_and_a_second_one_for_an_end(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Stop(grace_s=100.0) as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested
        assert not stop.expired
        os.kill(os.getpid(), number)
        assert stop.expired
    assert signal.getsignal(number) is before


def test_the_grace_period_ends() -> None:
    stop = Stop(grace_s=0.05)
    assert not stop.expired
    stop.request()
    assert stop.requested
    time.sleep(0.06)
    assert stop.expired


def test_a_second_request_does_not_prolong_the_grace() -> None:
    stop = Stop(grace_s=0.05)
    stop.request()
    time.sleep(0.03)
    stop.request()
    time.sleep(0.03)
    assert stop.expired


def test_another_thread_installs_no_handlers() -> None:
    before, inside = signal.getsignal(signal.SIGTERM), []

    def use() -> None:
        with Stop() as stop, stop.interruptible():
            inside.append(signal.getsignal(signal.SIGTERM))
            stop.request()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert inside == [before]


def test_work_in_this_process_goes_on_at_the_first_signal_and_is_interrupted_by_the_second() -> None:
    with Stop(grace_s=100.0) as stop:
        with stop.interruptible():
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.requested
        with pytest.raises(KeyboardInterrupt), stop.interruptible():
            interrupted_sleep(signal.SIGTERM)
        assert stop.expired
        os.kill(os.getpid(), signal.SIGTERM)


def test_work_in_this_process_is_interrupted_when_the_grace_is_over() -> None:
    started = time.monotonic()
    with Stop(grace_s=0.1) as stop, pytest.raises(KeyboardInterrupt), stop.interruptible():
        interrupted_sleep(signal.SIGINT)
    assert stop.expired
    assert time.monotonic() - started < 25


def test_no_timer_outlives_the_work() -> None:
    with Stop(grace_s=0.1) as stop:
        with stop.interruptible():
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
    assert stop.expired
