import ast
from pathlib import Path

import pytest

import wslink_jupyter

MAX_LINES = 300
PACKAGE = Path(wslink_jupyter.__file__).parent
FRONT_END = Path(__file__).parents[2] / "labextension" / "src"
MODULES = sorted(PACKAGE.rglob("*.py"))
SOURCES = [
    *MODULES,
    # Tests may be longer: they are lists of cases.
    *(path for path in sorted(FRONT_END.rglob("*.ts*")) if ".test." not in path.name),
]
_MUTATING = {"append", "add", "update", "extend", "pop", "clear", "setdefault", "insert", "remove"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def mutable_state(source: str) -> list[str]:
    """Return the module-level names that hold what can change."""
    tree = ast.parse(source)
    held: dict[str, bool] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _makes_mutable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            held.update({t.id: t.id.isupper() for t in targets if isinstance(t, ast.Name)})
    held.pop("__all__", None)
    changed = _changed_names(tree)
    faults = [f"{name}: not a constant" for name, is_upper in held.items() if not is_upper]
    faults += [f"{name}: changed" for name in held if name in changed]
    faults += [
        f"global {name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Global)
        for name in node.names
    ]
    return faults


def _makes_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") in (
        "list",
        "dict",
        "set",
        "bytearray",
        "deque",
        "defaultdict",
        "Counter",
    )


def _changed_names(tree: ast.Module) -> set[str]:
    changed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            changed.add(getattr(node.value, "id", ""))
        elif isinstance(node, ast.AugAssign):
            changed.add(getattr(node.target, "id", ""))
        elif isinstance(node, ast.Attribute) and node.attr in _MUTATING:
            changed.add(getattr(node.value, "id", ""))
    return changed


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_module_holds_no_mutable_state(path: Path) -> None:
    assert mutable_state(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "seen = set()",
        "seen: dict[str, int] = {}",
        "TABLE = {}\ndef f():\n    TABLE['a'] = 1",
        "SEEN = []\ndef f():\n    SEEN.append(1)",
        "def f():\n    global state\n    state = 1",
    ],
)
def test_planted_state_is_found(source: str) -> None:
    assert len(mutable_state(source)) == 1


@pytest.mark.parametrize("source", ["TABLE = {1: 2}", "__all__ = ['a']", "def f():\n    a = []"])
def test_constants_and_locals_are_not_state(source: str) -> None:
    assert mutable_state(source) == []
