"""Slow twin of `adoption`: one user at a time, and the tally counted from what happened to each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oracles import randomness


class User(NamedTuple):
    """One user; network -1 is the outside option, spending in micro-USD per step."""

    id: int
    segment: int
    network: int
    spending: int


def choose_network_reference(user: User, u: float, join: npt.ArrayLike, leave: npt.ArrayLike) -> int:
    """Return the network of one user afterwards, given its uniform draw."""
    cumulative = np.asarray(join)[user.segment]
    if user.network >= 0:
        return -1 if u < np.asarray(leave)[user.segment, user.network] else user.network
    reached = [k for k, probability in enumerate(cumulative) if u < probability]
    return reached[0] if reached else -1


def move_users_reference(
    key: int, users: list[User], join: npt.ArrayLike, leave: npt.ArrayLike
) -> tuple[list[int], npt.NDArray[np.int64]]:
    """Return every user's network afterwards and the tally int64[S, K + 1, 4]."""
    segments, outside = np.asarray(join).shape
    tally = np.zeros((segments, outside + 1, 4), np.int64)
    after = []
    for user, u in zip(users, randomness.uniforms(key, [user.id for user in users]), strict=True):
        network = choose_network_reference(user, float(u), join, leave)
        if user.network < 0 <= network:
            tally[user.segment, network, 2] += 1
        if network < 0 <= user.network:
            tally[user.segment, user.network, 3] += 1
        row = outside if network < 0 else network
        tally[user.segment, row, :2] += (1, user.spending)
        after.append(network)
    return after, tally
