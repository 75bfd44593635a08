"""Results folders: named after what they hold, replaced whole, never half-written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.files import beside, reason, sync, written_whole

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "Destination",
    "folder_name",
    "prepare_folder",
    "read_manifest",
    "replace_file",
    "staged_folder",
]

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
_SHOWN_DIGITS = 8
_MAX_NAME = 80


@dataclass(frozen=True)
class Destination:
    """Where a run will be written, and whether that has been done already.

    Attributes
    ----------
    path : Path
        The results folder.
    done : bool
        True when it holds a complete run of the same scenario, seed, steps and code.
    """

    path: Path
    done: bool


def folder_name(name: str, hash_: str) -> str:
    """Return `<name>-<hash8>`, with every character of `name` that is unsafe in a path replaced by "-"."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:_MAX_NAME] or "run"
    return f"{safe}-{hash_[:_SHOWN_DIGITS]}"


def prepare_folder(root: Path | str, name: str, hash_: str, *, force: bool = False) -> Destination:
    """Find where a run will be written, and prove that it can be, before anything is computed.

    Parameters
    ----------
    root : Path or str
        Folder of all results; made when it does not exist.
    name : str
        Name of the scenario.
    hash_ : str
        `RunOrigin.hash`.
    force : bool, optional
        Run again although a complete result exists.

    Returns
    -------
    Destination
        The folder, and whether a complete result is already there.

    Raises
    ------
    ResultsError
        When `root` cannot be written, or something that is not a result of Catallaxy is in the way.
    """
    root = Path(root)
    path = root / folder_name(name, hash_)
    try:
        root.mkdir(parents=True, exist_ok=True)
        probe = beside(path, "probe")
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise ResultsError(_explain(error, root)) from error
    return Destination(path, done=_holds_run(path, hash_) and not force)


def read_manifest(folder: Path | str) -> dict[str, Any]:
    """Read `manifest.json` of a results folder.

    Parameters
    ----------
    folder : Path or str
        A results folder.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    ResultsError
        When the folder does not exist, holds no manifest, or one that cannot be understood.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise ResultsError(_missing_manifest(Path(folder)))
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path} cannot be read: {error}; the run must be repeated") from error
    version = manifest.get("schema_version") if isinstance(manifest, dict) else None
    if not isinstance(version, int) or version > SCHEMA_VERSION:
        raise ResultsError(
            f"{path} has schema_version {version!r}; this version of catallaxy reads 1 to {SCHEMA_VERSION}"
        )
    return dict(manifest)


@contextmanager
def staged_folder(final: Path) -> Iterator[Path]:
    """Write a folder beside its final place, and put it there in one rename when all is on disk.

    Parameters
    ----------
    final : Path
        The folder to make or to replace.

    Yields
    ------
    Path
        An empty folder to write in; nothing is left of it when the body raises.

    Raises
    ------
    ResultsError
        When the disk is full or the folder cannot be written.
    """
    stage = beside(final)
    try:
        stage.mkdir()
        yield stage
        for path in sorted(stage.rglob("*")):
            sync(path)
        sync(stage)
        _swap(stage, final)
    except OSError as error:
        raise ResultsError(_explain(error, final)) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def replace_file(path: Path, content: bytes) -> None:
    """Write one file whole: to a temporary neighbour, synced, then renamed.

    Parameters
    ----------
    path : Path
        The file to make or to replace; its folder is made when it does not exist.
    content : bytes
        All of it.

    Raises
    ------
    ResultsError
        When the file cannot be written; the old file is then untouched.
    """
    try:
        with written_whole(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise ResultsError(_explain(error, path)) from error


def _holds_run(path: Path, hash_: str) -> bool:
    """Tell whether a complete run is there; raise when the path is taken by something else."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return False
    manifest = read_manifest(path)
    if manifest.get("hash") != hash_:
        raise ResultsError(
            f"{path} holds another result (hash {manifest.get('hash')}, this run has {hash_}); "
            "move it away or choose another results folder"
        )
    files = manifest.get("files", [])
    intact = all((path / f["name"]).is_file() and (path / f["name"]).stat().st_size == f["bytes"] for f in files)
    return manifest.get("status") == "complete" and intact


def _swap(stage: Path, final: Path) -> None:
    if not final.exists():
        stage.replace(final)
    else:
        old = stage.with_name(stage.name.replace(".tmp-", ".old-"))
        final.replace(old)
        try:
            stage.replace(final)
        except OSError:
            old.replace(final)
            raise
        shutil.rmtree(old, ignore_errors=True)
    sync(final.parent)


def _explain(error: OSError, path: Path) -> str:
    return f"cannot write results to {path}: {reason(error)}; choose another folder with --out"


def _missing_manifest(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} is not a folder; a results folder is what `catallaxy run` printed last"
    below = sorted(child.name for child in folder.iterdir() if (child / MANIFEST).is_file())
    hint = f"; it contains the results folders {', '.join(below[:5])}" if below else ""
    return f"{folder} is not a results folder: it holds no {MANIFEST}{hint}"
