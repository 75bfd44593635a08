"""The scenarios that ship with the package, and how a name or a path on the command line finds a file."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import did_you_mean

__all__ = ["SUFFIXES", "find", "shipped", "shown_name"]

SUFFIXES = (".yaml", ".yml")


def _folder() -> Path:
    return Path(str(resources.files("catallaxy") / "scenarios")).resolve()


def shipped() -> dict[str, Path]:
    """Return the shipped scenarios by name ("deai-2026"), sorted; those in sub-folders as "folder/name"."""
    folder = _folder()
    files = sorted(path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}"))
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in files}


def find(source: str | Path) -> Path:
    """Return the file that a path or the name of a shipped scenario means.

    Parameters
    ----------
    source : str or Path
        A name without suffix means a shipped scenario when there is one of that name; all else is a path.

    Returns
    -------
    Path

    Raises
    ------
    ScenarioError
        When there is no such file or name; the message lists the shipped names and the nearest one.
    """
    path, known = Path(source), shipped()
    if not path.suffix and str(source) in known:
        return known[str(source)]
    if path.is_file():
        return path
    if path.is_dir():
        message = "is a folder; give a scenario file in it"
    elif path.suffix in SUFFIXES:
        siblings = path.parent.glob("*") if path.parent.is_dir() else ()
        near = did_you_mean(path.name, (other.name for other in siblings)) or did_you_mean(path.stem, known)
        message = f"there is no such file{near}"
    else:
        message = f"no shipped scenario has this name; shipped: {', '.join(known)}{did_you_mean(str(source), known)}"
    raise ScenarioError([Problem(str(source), 0, 0, "", message)])


def shown_name(path: Path) -> str:
    """Return how messages call a file: short where it can be, `catallaxy/scenarios/...` for a shipped one."""
    if not path.is_absolute():
        return str(path)
    for folder, prefix in ((Path.cwd(), Path()), (_folder(), Path("catallaxy", "scenarios"))):
        if path.is_relative_to(folder):
            return str(prefix / path.relative_to(folder))
    return str(path)
