"""The project's own source files, read as text and as syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The folders at the top that are the package, lowest layer first.
LAYERS = ("numba_kernels", "agents", "sim", "papers")
FACADE = "src/catallaxy/__init__.py"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One import statement's target: `module`, or `module.name` when `name` is set."""

    module: str
    name: str | None
    line: int
    at_module_level: bool


@cache
def code_files() -> tuple[Path, ...]:
    """Return every Python file of the package."""
    files = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]
    return (*files, ROOT / FACADE)


def holds_kernels(path: Path) -> bool:
    """Return whether a file holds compiled functions: those of the kernel package, and `kernels.py` of a paper."""
    return path.parent.name == "numba_kernels" or (path.name == "kernels.py" and path.parents[1] == ROOT / "papers")


def relative(path: Path) -> str:
    """Return a path as the repository names it."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Return the name under which Python imports a file."""
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] == "src":
        parts = parts[2:]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(["catallaxy", *parts])


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_type_checking(node: ast.AST) -> bool:
    """Return whether a statement is `if TYPE_CHECKING:`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports_of(tree: ast.Module) -> list[Import]:
    """Return all imports of a file; those under `if TYPE_CHECKING:` never run and do not count as module level."""
    found: list[Import] = []

    def visit(node: ast.AST, at_module_level: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, None, child.lineno, at_module_level) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                module = "." * child.level + (child.module or "")
                found.extend(Import(module, alias.name, child.lineno, at_module_level) for alias in child.names)
            else:
                inner = isinstance(child, Function | ast.Lambda) or is_type_checking(child)
                visit(child, at_module_level and not inner)

    visit(tree, True)
    return found


def functions_of(tree: ast.AST) -> Iterator[tuple[str, Function]]:
    """Yield every function with its qualified name, nested ones included."""

    def visit(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, Function):
                yield prefix + child.name, child
            if isinstance(child, Function | ast.ClassDef):
                yield from visit(child, f"{prefix}{child.name}.")
            else:
                yield from visit(child, prefix)

    return visit(tree, "")


def dotted(node: ast.AST) -> str | None:
    """Return `a.b.c` for a chain of attributes on a name, else None."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def aliases_of(tree: ast.Module) -> dict[str, str]:
    """Return what the imported names of a file stand for (`np` -> `numpy`, `log` -> `math.log`)."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update({a.asname or a.name.partition(".")[0]: a.name for a in node.names})
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return names


def resolved(node: ast.AST, aliases: dict[str, str]) -> str | None:
    """Return the full dotted name of an expression (`np.exp` -> `numpy.exp`), else None."""
    name = dotted(node)
    if name is None:
        return None
    head, _, rest = name.partition(".")
    full = aliases.get(head, head)
    return f"{full}.{rest}" if rest else full
