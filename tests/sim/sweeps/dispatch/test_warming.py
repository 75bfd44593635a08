from __future__ import annotations

from pathlib import Path

import pytest

from catallaxy.sim.sweeps.dispatch.warming import WarmUp


@pytest.fixture(autouse=True)
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kernels"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "0")
    return folder


def test_one_driver_warms_and_the_others_wait_until_it_has() -> None:
    first, second = WarmUp(b"plan"), WarmUp(b"plan")
    assert first.ready()
    assert first.alone
    assert not second.ready()
    assert not second.alone
    first.end(warm=True)
    assert not first.alone
    assert first.ready()
    assert second.ready()
    assert not second.alone


def test_the_turn_passes_on_when_the_first_run_failed() -> None:
    first, second = WarmUp(b"plan"), WarmUp(b"plan")
    assert first.ready()
    assert not second.ready()
    first.end(warm=False)
    assert first.ready()
    assert not first.alone
    assert second.ready()
    assert second.alone
    second.end(warm=False)


def test_nobody_waits_for_a_warm_plan_while_another_is_warmed() -> None:
    warm = WarmUp(b"plan")
    assert warm.ready()
    warm.end(warm=True)
    other = WarmUp(b"other")
    assert other.ready()
    assert other.alone
    again = WarmUp(b"plan")
    assert again.ready()
    assert not again.alone
    other.end(warm=True)


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catallaxy.sim.sweeps.dispatch.warming._LONGEST_WAIT_S", 0.0)
    first, second = WarmUp(b"plan"), WarmUp(b"plan")
    first._take_turn()
    assert second.ready()
    assert not second.alone
    first.end(warm=False)


def test_a_folder_that_cannot_be_written_keeps_nobody_waiting(kernels: Path) -> None:
    kernels.write_text("not a folder")
    warm_up = WarmUp(b"plan")
    assert warm_up.ready()
    assert not warm_up.alone


def test_nothing_is_warmed_without_the_jit(monkeypatch: pytest.MonkeyPatch, kernels: Path) -> None:
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert WarmUp(b"plan").ready()
    assert not kernels.exists()


def test_the_folder_is_that_of_the_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from catallaxy.numba_kernels import cache_folder

    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("CATALLAXY_CACHE", str(tmp_path / "own"))
    warm_up = WarmUp(b"plan")
    assert warm_up.ready()
    warm_up.end(warm=True)
    assert len(list(cache_folder().glob("warm-*"))) == 1
