"""Phase 1: the world outside moves."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.governance import enact
from catallaxy.sim.environment.access import region_of
from catallaxy.sim.environment.offers import offer_of
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Read the drivers and the news of the step, and apply what votes have decided and the events on policies.

    Parameters
    ----------
    economy : Economy
    """
    step = economy.step
    economy.read_drivers()
    _congest(economy)
    for name, held in zip(economy.paths.names, economy.paths.held[:, step], strict=True):
        economy.guard(f"driver {name}: held inside its range", bool(held))
    enact(economy)
    told = economy.policy["news"].copy()
    for name, values in economy.base_policy.items():
        economy.policy[name][:] = values
    access = economy.access if economy.access.watched else None
    if access is not None:
        access.restore()
    if economy.incumbents is not None:
        economy.incumbents.restore()
    _apply_events(economy)
    if access is not None:
        access.apply(economy)
    if economy.incumbents is not None:
        economy.guard("incumbents: offer held inside its range", economy.incumbents.follow())
    economy.quoted.surprise[:] = _news(economy) + (economy.policy["news"] - told)
    economy.quoted.reserve_news[:] = _reserve_news(economy)
    economy.note("cloud_price", economy.drivers["cloud_gpu_price"])
    economy.note("hardware_price", economy.drivers["hardware_price"])
    economy.note("incumbent_price", economy.drivers["incumbent_price"])
    economy.note("reserve_price", economy.drivers["reserve_price"])


def _congest(economy: Economy) -> None:
    """Raise the cost of transactions to what clears the layer 2, at the use of the step before."""
    layer2, drivers = economy.scenario.services.layer2, economy.drivers
    if layer2 is None:
        return
    users, metrics = float(economy.metrics["users"].sum()), economy.metrics
    settlements = float(metrics["payments" if "payments" in metrics else "providers_active"].sum())
    use = layer2.use(users, settlements, drivers["layer2_throughput"], economy.dt_days)
    drivers["transaction_cost"] *= layer2.dearer(use)
    economy.note("layer2_use", use)
    economy.note("layer2_fee", drivers["transaction_cost"])


def _apply_events(economy: Economy) -> None:
    for event in economy.policy_events:
        if not event.step_from <= economy.step < event.step_to:
            continue
        values, k = _aim(economy, event.target)
        values[k] = {
            "set": event.value,
            "add": values[k] + event.value,
            "multiply": values[k] * event.value,
        }[event.operation]


def _aim(economy: Economy, target: str) -> tuple[Floats, int]:
    """Return the array, and the place in it, that an event changes."""
    regional = region_of(target)
    if regional is not None:
        region, what = regional
        return economy.access.regions[what], region
    offer = offer_of(target)
    if offer is not None and economy.incumbents is not None:
        name, what = offer
        return economy.incumbents.offered[what], economy.incumbents.names.index(name)
    _, network, policy = target.split(".")
    return economy.policy[policy], economy.names.index(network)


def _reserve_news(economy: Economy) -> Floats:
    path, step = economy.paths.values[economy.paths.names.index("reserve_price")], economy.step
    moved = nk.elementary.log_scalar(path[step] / path[max(step - 1, 0)])
    return np.array([spec.valuation.reserve_beta * moved for spec in economy.specs])


def _news(economy: Economy) -> Floats:
    n = economy.k
    key = economy.key(Stream.NEWS)
    normals, uniforms = np.empty(2 * n), np.empty(n)
    nk.random.fill_normal(key, np.arange(2 * n), normals)
    nk.random.fill_uniform(key, np.arange(2 * n, 3 * n), uniforms)
    values = [spec.valuation for spec in economy.specs]
    ordinary = np.array([v.news for v in values]) * np.sqrt(economy.dt_days) * normals[:n]
    arrives = uniforms < np.array([v.jump_rate.probability(economy.dt_days) for v in values])
    surprise: Floats = ordinary + np.where(arrives, np.array([v.jump_size for v in values]) * normals[n:], 0.0)
    return surprise
