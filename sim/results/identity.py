"""Content addresses: the same scenario, seed and code always carry the same id."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import catallaxy

__all__ = ["canonical_json", "code_version", "content_hash", "result_hash", "run_id"]

_ID_BYTES = 12
_CODE_FOLDERS = ("agents", "numba_kernels", "sim")


def canonical_json(value: Any) -> str:
    """Return `value` as JSON with sorted keys and no spaces, so that equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(value: Any) -> str:
    """Return the 96-bit BLAKE2b hash of the canonical JSON of `value`, as 24 hexadecimal digits."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=_ID_BYTES).hexdigest()


@cache
def code_version() -> str:
    """Return the package version and a hash of its sources ("0.1.0+5d41402a").

    The hash makes an edited checkout a different version, so that results of older code are never taken for those
    of the new one. Line endings do not count. Code outside the package (a user's plug-in) is not covered.
    """
    package = Path(catallaxy.__file__).parent
    digest = hashlib.sha256()
    for folder in _CODE_FOLDERS:
        root = (package / folder).resolve()
        for path in sorted(root.rglob("*.py")):
            digest.update(f"{folder}/{path.relative_to(root).as_posix()}\0".encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{catallaxy.__version__}+{digest.hexdigest()[:8]}"


def run_id(scenario_hash: str, seed: int, replicate: int) -> str:
    """Return the id of one run.

    Parameters
    ----------
    scenario_hash : str
        Hash of the resolved scenario.
    seed : int
        Seed of the replicate.
    replicate : int
        Number of the replicate, from 0.

    Returns
    -------
    str
        24 hexadecimal digits; the code version is part of what is hashed.
    """
    return content_hash({"code": code_version(), "replicate": replicate, "scenario": scenario_hash, "seed": str(seed)})


def result_hash(scenario_hash: str, seed: int, replicates: int, steps: int, first: int = 0) -> str:
    """Return the hash that names a results folder.

    Parameters
    ----------
    scenario_hash : str
        Hash of the resolved scenario.
    seed : int
        Root seed.
    replicates, steps : int
        As requested.
    first : int, optional
        Number of the first replicate.

    Returns
    -------
    str
        24 hexadecimal digits, of which the folder's name shows the first 8; the code version is part of it.
    """
    return content_hash(
        {
            "code": code_version(),
            "first": first,
            "replicates": replicates,
            "scenario": scenario_hash,
            "seed": str(seed),
            "steps": steps,
        }
    )
