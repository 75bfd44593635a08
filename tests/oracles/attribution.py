"""Slow twin of `attribution`: one licence and one node at a time."""

from __future__ import annotations

from collections.abc import Sequence


def list_licences_reference(
    homes: Sequence[int], sales: Sequence[tuple[int, int, int]], buyers: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return data and fees by (builder, provider); a provider's sales are licences, size and receipts."""
    found = {}
    for i, (licences, size, received) in enumerate(sales):
        for b, (home, place) in enumerate(buyers):
            if home == homes[i] and place < licences:
                found[b, i] = size, received // licences
    return found


def list_compute_reference(
    homes: Sequence[int], sales: Sequence[tuple[int, int]], buyers: Sequence[tuple[int, float]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return hours and payments by (builder, node); a node's sales are hours and receipts."""
    return {
        (b, i): (int(sold * share), int(received * share))
        for i, (sold, received) in enumerate(sales)
        for b, (home, share) in enumerate(buyers)
        if home == homes[i]
    }
