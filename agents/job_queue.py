"""Jobs that wait: training that a network has no room for is done later there, or given up for the cloud."""

from __future__ import annotations

from typing import Literal

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Floats, Ints
from catallaxy.agents.rates import Rate, rate
from catallaxy.agents.sellers import Sellers

__all__ = ["JobQueue", "JobQueueSpec"]

_MILLI = 1000.0


class JobQueueSpec(Spec):
    """How long training waits for room on the network, and who is served when there is too little."""

    abandonment: Rate = rate(
        {"per_day": 0.15},
        doc="Hazard with which a job that waits is taken to the cloud (a mean patience of a week).",
        ge=0,
        source="Assumption; Palm's exponential patience: Garnett, Mandelbaum & Reiman 2002, MSOM 4(3), 208.",
    )
    longest_days: float = quantity(
        14.0,
        unit="day",
        doc="Jobs join the queue while it holds at most what nodes offer in so many days (assumption).",
        ge=0,
        le=3650,
    )
    order: Literal["inference first", "oldest first", "in proportion"] = quantity(
        "inference first",
        unit="-",
        doc="Who is served when hours are short: inference, then jobs by age; jobs that wait, then the rest alike; or "
        "all in proportion to what they want.",
    )


class JobQueue:
    """Training jobs of builders that wait for the network.

    Parameters
    ----------
    builders : Sellers
        Gets the column `waiting`.
    spec : JobQueueSpec

    Attributes
    ----------
    waiting : int64[b], milli-GPU-hours
        Work that waits.
    due : int64[b], milli-GPU-hours
        The part of it that the builder could pay for in this step.
    asked : int64[K], milli-GPU-hours
        `due` of each network.
    served : float64[K]
        Share of the inference wanted that the network serves.
    moves : int64[K, 5], milli-GPU-hours
        Work of the step that joined the queue, was served from it, left it for the cloud, was given up, and went to the
        cloud at once.
    """

    def __init__(self, builders: Sellers, spec: JobQueueSpec) -> None:
        self.spec, self._builders = spec, builders
        n_networks = builders.site.n_networks
        self.waiting: Ints = builders.store("waiting", np.zeros(builders.n, np.int64))
        self.due = np.zeros(builders.n, np.int64)
        self.asked: Ints = np.zeros(n_networks, np.int64)
        self.served: Floats = np.ones(n_networks)
        self._trained: Ints = self.due
        self.moves: Ints = np.zeros((n_networks, 5), np.int64)

    def ask(self, usd: Ints, planned: tuple[Ints, Ints, Ints], ceiling: Floats) -> Ints:
        """Set what of the waiting jobs can be paid for; return their hours per network, int64[K].

        Parameters
        ----------
        usd : int64[b], micro-USD
        planned : (int64[b], int64[b], int64[b])
            Data budget (micro-USD), inference and new training (milli-GPU-hours).
        ceiling : float64[K], USD/GPU-hour
        """
        nk.job_queue.set_due(self._builders.network, usd, planned, ceiling, self.waiting, self.due)
        self.asked = self._builders.by_network(self.due)
        return self.asked

    def serve(self, work: tuple[Ints, Ints], sold: Ints, offered: Ints, cloud: float) -> tuple[Ints, Ints]:
        """Share out what the network sold, and let jobs join and leave the queue.

        Parameters
        ----------
        work : (int64[b], int64[b]), milli-GPU-hours, in/out
            Inference and training: wanted, and what was done of it.
        sold, offered : int64[K], milli-GPU-hours
        cloud : float
            Share of what is taken to the cloud that it can serve.

        Returns
        -------
        local, outside : int64[b], milli-GPU-hours
            Done on the network and in the cloud.
        """
        network, by = self._builders.network, self._builders.by_network
        wanted = np.stack([by(work[0]), self.asked, by(work[1])], axis=1)
        shares = np.zeros(wanted.shape)
        nk.job_queue.ration(wanted, sold, nk.job_queue.ORDERS.index(self.spec.order), shares)
        self.served = shares[:, 0]
        dt = self._builders.site.dt_days
        longest = (offered * (self.spec.longest_days / dt)).astype(np.int64)
        terms = nk.job_queue.Terms(self.spec.abandonment.probability(dt), cloud, longest)
        local, outside = np.zeros((2, len(self.waiting)), np.int64)
        columns = (*work, self.waiting, self.due)
        nk.job_queue.serve(network, columns, shares, terms, (local, outside), self.moves)
        self._trained = work[1]
        return local, outside

    def series(self) -> dict[str, Floats]:
        """Return the metrics of the step, each float64[K]."""
        builders, moves = self._builders, self.moves / _MILLI
        waits, trained = builders.by_network(self.waiting), builders.by_network(self._trained)
        wait = waits / np.maximum(trained, 1) * builders.site.dt_days
        return {
            "jobs_waiting": waits / _MILLI,
            "jobs_to_cloud": moves[:, nk.job_queue.LEFT] + moves[:, nk.job_queue.TURNED_AWAY],
            "jobs_given_up": moves[:, nk.job_queue.GIVEN_UP],
            "job_wait": np.where(trained > 0, wait, np.nan),
        }
