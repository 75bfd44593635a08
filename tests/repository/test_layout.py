"""The folders at the top are the package: links, names, files every reader expects."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import catallaxy
from repository.sources import LAYERS, ROOT, code_files, module_name, relative

HARD_LIMIT, SOFT_LIMIT = 450, 300
HEAVY = ("numba", "llvmlite", "mesa", "pandas", "pyarrow", "matplotlib", "jinja2", "scipy", "networkx")
GENERATED = {".git", ".venv", "build", "dist", "results", "htmlcov", "__pycache__"}
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".cff", ".txt", ".html", ".css", ".csv", ".json", ".c", ".j2", ""}
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|Users|root|work|tmp|mnt|srv|opt)/\w")
OUTSIDE_PATH = re.compile(r"(?:\.\./)+[\w./-]+")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("name", [*LAYERS, "scenarios"])
def test_the_links_are_relative_and_point_to_the_folders_at_the_top(name: str) -> None:
    link = ROOT / "src" / "catallaxy" / name
    assert link.is_symlink()
    assert link.readlink() == Path("..", "..", name)
    assert link.resolve() == ROOT / name


def test_src_holds_the_facade_and_nothing_else() -> None:
    names = {path.name for path in (ROOT / "src" / "catallaxy").iterdir()} - {"__pycache__"}
    assert names == {"__init__.py", "py.typed", *LAYERS, "scenarios"}


def imported_by(code: str) -> set[str]:
    """Run `code` in a fresh interpreter in an empty folder and return the names of the loaded modules."""
    script = f"import json, sys\n{code}\nprint()\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_every_module_imports_under_the_name_catallaxy_only() -> None:
    names = [module_name(path) for path in code_files() if path.name != "__main__.py"]
    loaded = imported_by("import importlib\n" + "\n".join(f"importlib.import_module({name!r})" for name in names))
    assert set(names) <= loaded
    assert not [name for name in loaded if name.partition(".")[0] in LAYERS]


@pytest.mark.parametrize(
    "module", ["catallaxy", "catallaxy.agents", "catallaxy.numba_kernels", "catallaxy.sim.cli.main"]
)
def test_importing_the_light_parts_loads_no_heavy_library(module: str) -> None:
    loaded = imported_by(f"import {module}")
    assert not sorted(name for name in loaded if name in HEAVY)


def test_every_code_folder_is_a_package() -> None:
    folders = {path.parent for path in code_files()}
    assert not [relative(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_no_module_is_called_utils() -> None:
    banned = {"utils", "util", "helpers", "common", "misc"}
    assert not [relative(path) for path in code_files() if path.stem in banned]


def test_modules_are_short(record_property: pytest.RecordProperty) -> None:
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code_files()}
    long = {name: n for name, n in sorted(lengths.items(), key=lambda item: -item[1]) if n > SOFT_LIMIT}
    record_property("modules_over_300_lines", long)
    if long:
        print(f"longer than {SOFT_LIMIT} lines, worth splitting: {long}")
    assert not {name: n for name, n in long.items() if n > HARD_LIMIT}


def project() -> dict[str, object]:
    table: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def test_one_version_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert project()["version"] == catallaxy.__version__ == citation["version"]
    assert citation["cff-version"] == "1.2.0"
    assert {"title", "message", "authors", "license"} <= citation.keys()
    assert citation["license"] == project()["license"]


def test_the_changelog_says_when_results_change() -> None:
    headings = re.findall(r"^(#{2,3}) (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    releases = [text for level, text in headings if level == "##"]
    assert releases[0].startswith("Unreleased")
    assert "Output" in [text for level, text in headings if level == "###"]
    assert {text for level, text in headings if level == "###"} <= {"Added", "Changed", "Fixed", "Removed", "Output"}


def test_every_dependency_is_justified() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    extras = project()["optional-dependencies"].values()  # type: ignore[attr-defined]
    declared = [*project()["dependencies"], *(item for extra in extras for item in extra)]  # type: ignore[misc]
    names = {re.split(r"[<>=!~\[ ]", requirement)[0] for requirement in declared} - {"catallaxy"}
    assert not [name for name in names if f"| `{name}` |" not in text]


def test_the_glossary_is_sorted_and_has_no_double_entry() -> None:
    terms = re.findall(r"^\*\*(.+?)\*\* — ", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE)
    folded = [term.casefold() for term in terms]
    assert len(terms) > 50
    assert folded == sorted(set(folded))


def text_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in GENERATED and not (f.startswith(".") and f != ".ci")]
        yield from (Path(folder, name) for name in files if Path(name).suffix in TEXT and not name.startswith(".cov"))


def test_no_file_mentions_the_folders_of_one_machine() -> None:
    found = []
    for path in text_files():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [
            f"{relative(path)}:{n}: {line.strip()}" for n, line in enumerate(lines, 1) if MACHINE_PATH.search(line)
        ]
    assert not found, "\n".join(found)


def test_no_document_refers_to_a_place_outside_the_repository() -> None:
    found = []
    for path in (p for p in text_files() if p.suffix in {".md", ".yaml"}):
        mentioned = OUTSIDE_PATH.findall(path.read_text(encoding="utf-8", errors="replace"))
        found += [f"{relative(path)}: {m}" for m in mentioned if not (path.parent / m).resolve().is_relative_to(ROOT)]
    assert not found, "\n".join(found)


def test_links_between_documents_lead_somewhere() -> None:
    found = []
    for path in (p for p in text_files() if p.suffix == ".md"):
        links = LINK.findall(path.read_text(encoding="utf-8", errors="replace"))
        found += [f"{relative(path)}: {link}" for link in links if not (path.parent / link).exists()]
    assert not found, "\n".join(found)


@pytest.mark.timing
def test_importing_the_package_costs_little() -> None:
    def cpu_seconds(code: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare = min(cpu_seconds("pass") for _ in range(3))
    assert min(cpu_seconds("import catallaxy") for _ in range(3)) - bare < 0.3
