"""Who among data providers cheats and is found out, noted after each data market."""

from __future__ import annotations

import numpy as np

from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.state.economy import Economy

__all__ = ["inspect_data"]

#: Reputation is summed in millionths.
_MILLIONTHS = 1e6


def inspect_data(economy: Economy) -> None:
    """Note what of the data on offer is fake, and inspect those who offer it.

    Parameters
    ----------
    economy : Economy
    """
    providers = economy.providers
    honesty = providers.honesty
    if honesty is None:
        return
    found = honesty.tally
    offered = found[:, 2]
    economy.note("providers_cheating", found[:, 1])
    economy.note("fake_data", np.where(offered > 0, 1.0 - found[:, 3] / np.maximum(offered, 1), np.nan))
    economy.note("data_worth", np.where(offered > 0, honesty.worth(), np.nan))
    caught = honesty.inspect(economy.key(Stream.DATA_FRAUD), providers.network, providers.active)
    economy.note("data_fraud_caught", caught[:, 0])
    economy.note("data_wronged", caught[:, 1])
    names = providers.by_network((honesty.reputation * _MILLIONTHS).astype(np.int64)) / _MILLIONTHS
    members = providers.by_network(np.ones(len(providers), np.int64))
    economy.note("data_reputation", names / np.maximum(members, 1.0))
