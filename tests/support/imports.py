"""Which modules import which: an AST walk, lazy imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """One imported module, where it is imported, and whether at module level."""

    path: str
    line: int
    module: str
    at_module_level: bool


def imports_of(package: Path) -> Iterator[Import]:
    """Yield every import in `package`, relative ones resolved."""
    for path in sorted(package.rglob("*.py")):
        where = path.relative_to(package)
        # The package that relative imports start from.
        inside = (package.name, *where.parent.parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node, at_module_level in _walk(tree, at_module_level=True):
            for module in _imported(node, inside, package):
                yield Import(where.as_posix(), node.lineno, module, at_module_level)


def _walk(node: ast.AST, *, at_module_level: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield every node, and whether it runs when the module is imported."""
    for child in ast.iter_child_nodes(node):
        now = at_module_level and not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        )
        if isinstance(child, ast.If) and _is_type_checking(child.test):
            now = False
        yield child, now
        yield from _walk(child, at_module_level=now)


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _imported(node: ast.AST, inside: tuple[str, ...], package: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            start = inside[: len(inside) - node.level + 1]
            base = ".".join((*start, *filter(None, (node.module,))))
        for alias in node.names:
            full = f"{base}.{alias.name}"
            yield full if _is_module(full, package) else base
    elif isinstance(node, ast.Call) and _name(node.func) in ("import_module", "__import__"):
        argument = node.args[0] if node.args else None
        is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        yield argument.value if is_text else "<computed>"


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_module(full: str, package: Path) -> bool:
    top, *rest = full.split(".")
    place = package.joinpath(*rest)
    return top == package.name and (place.is_dir() or place.with_suffix(".py").is_file())
