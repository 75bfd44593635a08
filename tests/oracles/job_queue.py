"""Slow twin of the job queue: one network at a time, exact fractions until work is rounded to whole milli-GPU-hours."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

__all__ = ["Job", "shares_reference", "step_reference"]


@dataclass
class Job:
    """Work of one builder, milli-GPU-hours: wanted, waiting, and what of that it can pay for."""

    inference: int
    training: int
    waiting: int
    due: int
    local: int = 0
    outside: int = 0


def shares_reference(wanted: dict[str, int], sold: int, order: str) -> dict[str, Fraction]:
    """Return the share of each class of work that is served."""
    turns = {
        "inference first": [["inference"], ["waiting"], ["training"]],
        "oldest first": [["waiting"], ["inference", "training"]],
        "in proportion": [["inference", "waiting", "training"]],
    }[order]
    left, shares = Fraction(sold), {}
    for turn in turns:
        total = sum(wanted[name] for name in turn)
        share = min(Fraction(1), left / total) if total else Fraction(1)
        shares |= dict.fromkeys(turn, share)
        left -= share * total
    return shares


def step_reference(
    jobs: list[Job], sold: int, order: str, leaving: Fraction, cloud: Fraction, longest: int
) -> dict[str, int]:
    """Move the jobs of one network through a step; return what joined, was served, left, given up, turned away."""
    wanted = {name: sum(getattr(job, name) for job in jobs) for name in ("inference", "training")}
    shares = shares_reference(wanted | {"waiting": sum(job.due for job in jobs)}, sold, order)
    moves, unserved = dict.fromkeys(("joined", "served", "left", "given up", "turned away"), 0), []
    for job in jobs:
        served = min(job.due, ceil(job.due * shares["waiting"]))
        impatient = floor((job.waiting - served) * leaving)
        affordable = min(impatient, job.due - served)
        left, given_up = floor(affordable * cloud), impatient - affordable
        inference = min(job.inference, ceil(job.inference * shares["inference"]))
        trained = min(job.training, ceil(job.training * shares["training"]))
        rest = floor((job.inference - inference) * cloud)
        unserved.append(job.training - trained)
        job.waiting -= served + left + given_up
        job.local, job.outside = inference + served + trained, rest + left
        job.inference, job.training = inference + rest, served + left + trained
        for name, work in (("served", served), ("left", left), ("given up", given_up)):
            moves[name] += work
    free = max(longest - sum(job.waiting for job in jobs), 0)
    room = min(Fraction(1), Fraction(free, max(sum(unserved), 1)))
    for job, work in zip(jobs, unserved, strict=True):
        away = floor((work - floor(work * room)) * cloud)
        job.waiting += work - away
        job.training, job.outside = job.training + away, job.outside + away
        moves["joined"] += work - away
        moves["turned away"] += away
    return moves
