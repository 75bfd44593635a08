"""Watches what every model is made of, and writes a block of the log when one is released."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Ints
from catallaxy.sim.recording.model_log import ENTRY, KINDS, NOBODY, ModelBlock
from catallaxy.sim.scenario.schema import ProvenanceSpec, Scenario
from catallaxy.sim.state.economy import Economy

__all__ = ["ModelLog", "watched"]

Action = Callable[[Economy], None]
_MILLI = 1000.0
_LICENCE, _COMPUTE, _CLOUD = range(len(KINDS))


class ModelLog:
    """The log of one run; it reads the economy and changes nothing but the metric `models_released`.

    Parameters
    ----------
    economy : Economy
    spec : ProvenanceSpec
        Time between two versions of a model, and how many parties a version names.

    Attributes
    ----------
    blocks : list of ModelBlock
        What was released, in order.
    """

    def __init__(self, economy: Economy, spec: ProvenanceSpec) -> None:
        b, providers, nodes = economy.builders.n, economy.providers.n, economy.nodes.n
        self.blocks: list[ModelBlock] = []
        self._units, self._fees = np.zeros((2, b, providers), np.int64)
        self._hours, self._paid = np.zeros((2, b, nodes), np.int64)
        self._cloud = np.zeros((2, b), np.int64)
        self._outcomes = np.zeros((2, nodes), np.int64)
        self._version = np.zeros(b, np.int64)
        self._before = np.zeros(0, np.int64)
        self._period = max(1, round(spec.release_days / economy.dt_days))
        self._named = spec.parties

    def before_data(self, economy: Economy) -> None:
        """Remember what providers had earned before licences are sold."""
        self._before = economy.providers.income.copy()

    def after_data(self, economy: Economy) -> None:
        """Attribute the licences of the step."""
        providers, builders = economy.providers, economy.builders
        sales = (providers.licences, (providers.units * _MILLI).astype(np.int64), providers.income - self._before)
        buyers = (builders.network, _places(builders.network, builders.licensed, builders.ids))
        nk.attribution.attribute_licences(providers.network, sales, buyers, self._units, self._fees)

    def before_compute(self, economy: Economy) -> None:
        """Remember what nodes had earned before compute is sold."""
        self._before = economy.nodes.income.copy()

    def after_compute(self, economy: Economy) -> None:
        """Attribute the compute on which builders train, the network's and the cloud's."""
        nodes, builders = economy.nodes, economy.builders
        wanted = np.maximum(builders.by_network(builders.inference + builders.training), 1)
        share = builders.training / wanted[builders.network]
        sales = (nodes.sold, nodes.income - self._before)
        nk.attribution.attribute_compute(nodes.network, sales, (builders.network, share), self._hours, self._paid)
        outside = 1.0 - np.minimum(nodes.by_network(nodes.sold) / wanted, 1.0)
        hours = (builders.training * outside[builders.network]).astype(np.int64)
        cost = economy.drivers["cloud_gpu_price"] * MICRO / _MILLI
        self._cloud += np.array([hours, (hours * cost).astype(np.int64)])

    def after_checks(self, economy: Economy) -> None:
        """Count whom the protocol checked and condemned, and release what is due."""
        outcome = economy.nodes.outcome
        self._outcomes += np.array([outcome > 0, outcome == nk.verification.CONDEMNED])
        due = (economy.step + 1) % self._period == 0 or economy.step + 1 == economy.scenario.steps
        released = [self._release(economy, b) for b in np.argsort(economy.builders.ids)] if due else []
        self.blocks += [block for block in released if block is not None]
        networks = [block.network for block in released if block is not None]
        economy.note("models_released", [networks.count(name) for name in economy.names])
        if due:
            for counts in (self._units, self._fees, self._hours, self._paid, self._cloud, self._outcomes):
                counts[:] = 0

    def _release(self, economy: Economy, b: int) -> ModelBlock | None:
        builders = economy.builders
        entries = self._entries(economy, b)
        if not len(entries):
            return None
        self._version[b] += 1
        network, builder = economy.names[builders.network[b]], int(builders.ids[b])
        name = f"{network}-{builder - int(builders.ids.min())}.{self._version[b]}"
        return ModelBlock(name, network, economy.step, builder, float(builders.quality[b]), entries)

    def _entries(self, economy: Economy, b: int) -> np.ndarray:
        licences, compute = np.flatnonzero(self._units[b]), np.flatnonzero(self._hours[b])
        parts = [
            _filled(_LICENCE, economy.providers.ids[licences], self._units[b, licences], self._fees[b, licences]),
            _filled(_COMPUTE, economy.nodes.ids[compute], self._hours[b, compute], self._paid[b, compute]),
        ]
        parts[1]["checks"], parts[1]["condemned"] = self._outcomes[:, compute]
        parts = [_shortened(part, self._named) for part in parts]
        if self._cloud[0, b] > 0:
            parts.append(_filled(_CLOUD, np.array([NOBODY]), self._cloud[:1, b], self._cloud[1:, b]))
        entries = np.concatenate(parts)
        return entries[np.lexsort((entries["agent"], entries["kind"]))]


def watched(
    schedule: Sequence[tuple[str, Action]], scenario: Scenario, economy: Economy
) -> tuple[tuple[tuple[str, Action], ...], ModelLog | None]:
    """Return the schedule of a step with a log beside it, if the scenario keeps one, and the log."""
    if scenario.provenance is None:
        return tuple(schedule), None
    log = ModelLog(economy, scenario.provenance)
    around: dict[str, tuple[Action | None, Action | None]] = {
        "data market": (log.before_data, log.after_data),
        "compute market": (log.before_compute, log.after_compute),
        "verification": (None, log.after_checks),
    }
    nothing: tuple[None, None] = (None, None)
    return tuple((name, _between(around.get(name, nothing), run)) for name, run in schedule), log


def _between(actions: tuple[Action | None, Action | None], run: Action) -> Action:
    before, after = actions
    if after is None:
        return run

    def run_watched(economy: Economy) -> None:
        if before is not None:
            before(economy)
        run(economy)
        after(economy)

    return run_watched


def _places(network: Ints, bought: Ints, ids: Ints) -> Ints:
    """Return each builder's place on its network by what it bought, most first; equals by their identifiers."""
    order = np.lexsort((ids, -bought, network))
    first = np.searchsorted(network[order], network[order])
    places = np.empty(len(network), np.int64)
    places[order] = np.arange(len(network)) - first
    return places


def _filled(kind: int, agent: Ints, amount: Ints, paid: Ints) -> np.ndarray:
    entries = np.zeros(len(agent), ENTRY)
    entries["kind"], entries["agent"], entries["amount"], entries["paid"] = kind, agent, amount, paid
    return entries


def _shortened(entries: np.ndarray, named: int) -> np.ndarray:
    """Return the best paid entries, and one more that sums up the others."""
    if len(entries) <= named:
        return entries
    order = np.lexsort((entries["agent"], -entries["amount"], -entries["paid"]))
    kept, others = entries[order[:named]], entries[order[named:]]
    total = np.zeros(1, ENTRY)
    total["kind"], total["agent"] = others["kind"][0], NOBODY
    for name in ("amount", "paid", "checks", "condemned"):
        total[name] = others[name].sum()
    return np.concatenate([kept, total])
