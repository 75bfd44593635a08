"""The scenarios and sweeps that ship with the package, and how a name or a path on the command line finds a file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import did_you_mean

__all__ = [
    "SUFFIXES",
    "beside",
    "find",
    "shipped",
    "shipped_protocols",
    "shipped_statics",
    "shipped_sweeps",
    "shipped_theses",
    "shipped_verdicts",
    "shown_name",
]

SUFFIXES = (".yaml", ".yml")
_SWEEPS = "sweeps"
_PROTOCOLS = "protocols"
_STATICS = "statics"
_VERDICTS = "verdicts"
_THESES = "theses"


def _folder() -> Path:
    return Path(str(resources.files("catallaxy") / "scenarios")).resolve()


def shipped() -> dict[str, Path]:
    """Return the shipped scenarios by name ("deai-2026"), sorted: those of the protocols too ("bittensor")."""
    apart = tuple(f"{folder}/" for folder in (_SWEEPS, _PROTOCOLS, _STATICS, _VERDICTS, _THESES))
    scenarios = {name: path for name, path in _files(_folder()).items() if not name.startswith(apart)}
    return dict(sorted({**shipped_protocols(), **scenarios}.items()))


def shipped_protocols() -> dict[str, Path]:
    """Return the shipped scenarios that are presets of real protocols, by name ("bittensor"), sorted."""
    return _files(_folder() / _PROTOCOLS)


def shipped_sweeps() -> dict[str, Path]:
    """Return the shipped sweeps by name ("emission"), sorted."""
    return _files(_folder() / _SWEEPS)


def shipped_statics() -> dict[str, Path]:
    """Return the shipped files of comparative statics by name ("real-economy"), sorted."""
    return _files(_folder() / _STATICS)


def shipped_verdicts() -> dict[str, Path]:
    """Return the shipped files of verdict rules by name ("supercycle"), sorted."""
    return _files(_folder() / _VERDICTS)


def shipped_theses() -> dict[str, Path]:
    """Return the shipped theses by name ("supercycle"), sorted."""
    return _files(_folder() / _THESES)


def _files(folder: Path) -> dict[str, Path]:
    files = sorted(path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}"))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in files}


def find(source: str | Path, known: Mapping[str, Path] | None = None, what: str = "scenario") -> Path:
    """Return the file that a path or the name of a shipped scenario means.

    Parameters
    ----------
    source : str or Path
        A name without suffix means a shipped scenario when there is one of that name; all else is a path.
    known : mapping of str to Path, optional
        Shipped files by name; the scenarios when absent.
    what : str, optional
        What they are, for messages.

    Returns
    -------
    Path

    Raises
    ------
    ScenarioError
        When there is no such file or name; the message lists the shipped names and the nearest one.
    """
    path, known = Path(source), shipped() if known is None else known
    if not path.suffix and str(source) in known:
        return known[str(source)]
    if path.is_file():
        return path
    if path.is_dir():
        message = f"is a folder; give a {what} file in it"
    elif path.suffix in SUFFIXES:
        siblings = path.parent.glob("*") if path.parent.is_dir() else ()
        near = did_you_mean(path.name, (other.name for other in siblings)) or did_you_mean(path.stem, known)
        message = f"there is no such file{near}"
    else:
        message = f"no shipped {what} has this name; shipped: {', '.join(known)}{did_you_mean(str(source), known)}"
    raise ScenarioError([Problem(str(source), 0, 0, "", message)])


def beside(reference: str, folder: Path | None) -> Path:
    """Return the scenario that a file may name: a shipped one, or one in the folder of the file.

    Files are untrusted input, so nothing outside the folder is ever opened for them.

    Parameters
    ----------
    reference : str
        As the file says it.
    folder : Path or None
        Folder of the file, resolved; None when there is none.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        When there is no such scenario, or it lies outside the folder; the message says which.
    """
    known = shipped()
    if reference in known:
        return known[reference]
    if not reference.endswith(SUFFIXES):
        hint = did_you_mean(reference, known)
        raise ValueError(f"no shipped scenario is named {reference!r}; shipped: {', '.join(known)}{hint}")
    if folder is None:
        raise ValueError("a scenario given in Python can extend shipped scenarios only")
    path = Path(reference)
    if path.is_absolute() or ".." in path.parts or not (folder / path).resolve().is_relative_to(folder):
        raise ValueError(f"{reference!r} leads out of the folder of this file; name a file in it or a shipped scenario")
    if not (folder / path).is_file():
        others = (other.name for suffix in SUFFIXES for other in folder.glob(f"*{suffix}"))
        raise ValueError(f"there is no file {reference!r} beside it{did_you_mean(reference, others)}")
    return folder / path


def shown_name(path: Path) -> str:
    """Return how messages call a file: short where it can be, `catallaxy/scenarios/...` for a shipped one."""
    if not path.is_absolute():
        return str(path)
    for folder, prefix in ((Path.cwd(), Path()), (_folder(), Path("catallaxy", "scenarios"))):
        if path.is_relative_to(folder):
            return str(prefix / path.relative_to(folder))
    return str(path)
