"""The house counted: how many lines and files ship, what share of them imports, and whether imports ever go round.

Not counted by import-linter, which says whether a contract holds: here are the numbers beside which a change is read.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import networkx

from musicassist.evaluation.figures import Figure

ROOT = Path(__file__).resolve().parents[1]


def measure_house(root: Path = ROOT) -> list[Figure]:
    """Counts of what ships (``musicassist``), and lines of what does not (``lab``, ``tests``).

    Args:
        root: A checkout, this one or another.
    """
    shipped = sources(root / "musicassist")
    lines = sum(_line_count(path) for path in shipped)
    imports = sum(_import_lines(ast.parse(path.read_text("utf-8"))) for path in shipped)
    circles = [group for group in networkx.strongly_connected_components(import_graph(root)) if len(group) > 1]
    counts = {
        "lines that ship": lines,
        "files that ship": len(shipped),
        "import circles": len(circles),
        "lines of the laboratory": sum(map(_line_count, sources(root / "lab"))),
        "lines of tests": sum(map(_line_count, sources(root / "tests"))),
    }
    share = Figure("share of import lines", "house", imports / lines, "", lines)
    return [*(Figure(metric, "house", float(value), "", len(shipped)) for metric, value in counts.items()), share]


def sources(folder: Path) -> list[Path]:
    """Every Python file below a folder."""
    return sorted(folder.rglob("*.py"))


def import_graph(root: Path = ROOT) -> networkx.DiGraph:
    """Who imports whom among the modules that ship: when loaded, and inside functions; not for types alone."""
    files = {_module_name(path, root): path for path in sources(root / "musicassist")}
    graph = networkx.DiGraph()
    graph.add_nodes_from(files)
    for name, path in files.items():
        graph.add_edges_from((name, other) for other in _imported(ast.parse(path.read_text("utf-8")).body, files))
    return graph


def _imported(body: Iterable[ast.stmt], files: Mapping[str, Path]) -> Iterable[str]:
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (
                name if name in files else node.module for name in modules if {name, node.module} & files.keys()
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in files)
        for field in ("body", "orelse", "finalbody", "handlers"):
            yield from _imported(getattr(node, field, ()), files)


def _module_name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _line_count(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def _import_lines(tree: ast.Module) -> int:
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in statements)


if __name__ == "__main__":  # python -m lab.house CHECKOUT: what ``musicassist bench house`` says of this one
    for figure in measure_house(Path(sys.argv[1])):
        print(f"{figure.metric}: {figure.value:g}")
