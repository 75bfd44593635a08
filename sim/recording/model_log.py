"""The log of models: what each trained model was made of, in blocks that are linked by hashes.

A block is one release of one builder's model. Its hash covers its content and the hash of the block before, so that
nothing can be changed, added, left out or moved without changing every hash that follows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["ENTRY", "KINDS", "NOBODY", "ModelBlock", "chained", "first_link", "next_link"]

#: What an entry is about: amount is data (1e-3 unit) for licences, and milli-GPU-hours otherwise; paid is micro-USD.
KINDS = ("licence", "compute", "cloud")
ENTRY = np.dtype(
    [("kind", "<i8"), ("agent", "<i8"), ("amount", "<i8"), ("paid", "<i8"), ("checks", "<i8"), ("condemned", "<i8")]
)
#: Agent of an entry that is not about one: the cloud, and all whom a block does not name.
NOBODY = -1


@dataclass(frozen=True)
class ModelBlock:
    """One release of a model.

    Attributes
    ----------
    model : str
        Network, number of the builder there, and version: "alpha-3.2".
    network : str
    step : int
        Step after which it was released.
    builder : int
        Identifier of the builder.
    quality : float
        1 at the incumbents' frontier.
    entries : ENTRY[m]
        Licences by provider and compute by node since the version before, and the cloud's; how often nodes were
        checked, and condemned, in that time. Those who are not named make up one entry of each kind.
    """

    model: str
    network: str
    step: int
    builder: int
    quality: float
    entries: npt.NDArray[np.void]

    @property
    def content(self) -> bytes:
        """All that the hash covers, besides the link to the block before."""
        header = [self.model, self.network, self.step, self.builder, float(self.quality).hex(), len(self.entries)]
        return json.dumps(header).encode() + b"\n" + np.ascontiguousarray(self.entries, ENTRY).tobytes()


def first_link(run_id: str) -> str:
    """Return what the first block of a run is linked to."""
    return hashlib.sha256(f"models of run {run_id}".encode()).hexdigest()


def next_link(link: str, block: ModelBlock) -> str:
    """Return the hash of a block that follows the one whose hash is `link`."""
    return hashlib.sha256(link.encode() + b"\n" + block.content).hexdigest()


def chained(run_id: str, blocks: Sequence[ModelBlock]) -> list[str]:
    """Return the hashes of a run's blocks, the link of the first one before them."""
    links = [first_link(run_id)]
    for block in blocks:
        links.append(next_link(links[-1], block))
    return links
