"""Queues of orders: circular, doubly linked, several in one array.

Each order has a place in `links` (int64[2n]): at 2i the place after it in its queue, at 2i + 1 the place before it.
Every queue has a place of its own as its head; after the head comes the first in the queue, before it the last, and an
empty queue's head points at itself. So does a place in no queue. Joining and leaving therefore need no branch.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import Ints, helper

__all__ = ["after", "is_empty", "join", "leave", "move_all", "push", "stand_apart"]


@helper
def after(links: Ints, place: int) -> int:
    """Return the place after this one; of a head, the first in its queue."""
    return links[2 * place]


@helper
def is_empty(links: Ints, head: int) -> bool:
    """Return whether nobody stands in a queue."""
    return links[2 * head] == head


@helper
def push(links: Ints, place: int, following: int) -> None:
    """Let a place that is in no queue remember another one."""
    links[2 * place] = following


@helper
def stand_apart(links: Ints, place: int) -> None:
    """Make a place (or a head) point at itself."""
    links[2 * place] = place
    links[2 * place + 1] = place


@helper
def join(links: Ints, head: int, place: int) -> None:
    """Put a place at the end of a queue."""
    last = links[2 * head + 1]
    links[2 * place] = head
    links[2 * place + 1] = last
    links[2 * last] = place
    links[2 * head + 1] = place


@helper
def leave(links: Ints, place: int) -> None:
    """Take a place out of its queue; what the place itself points at is left to the caller."""
    following, preceding = links[2 * place], links[2 * place + 1]
    links[2 * preceding] = following
    links[2 * following + 1] = preceding


@helper
def move_all(links: Ints, head: int, new_head: int) -> None:
    """Hand a whole queue, not empty, to another head, whose queue was empty."""
    first, last = links[2 * head], links[2 * head + 1]
    links[2 * new_head] = first
    links[2 * new_head + 1] = last
    links[2 * first + 1] = new_head
    links[2 * last] = new_head
    stand_apart(links, head)
