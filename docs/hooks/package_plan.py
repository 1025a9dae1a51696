"""Count the files of each package folder and its imports of other folders.

python docs/hooks/package_plan.py [REPOSITORY]

prints the table of docs/architecture.md; the documentation site runs it when it is built.
"""

import ast
import sys
from collections import Counter
from pathlib import Path

ROOTS = {"pspm_command": "runtime", "pspm_runtime": "runtime", "pspm": ".", "pspm_export": "export"}
MARK = "<!-- package plan -->"


def plan_table(repository: Path) -> str:
    """A Markdown table: folder, Python files, lines, and the folders that it imports with the number of imports."""
    modules = {
        ".".join(path.relative_to(repository / root).with_suffix("").parts): path
        for package, root in ROOTS.items()
        for path in (repository / root / package).rglob("*.py")
    }
    files: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    imports: dict[str, Counter[str]] = {}
    for name, path in modules.items():
        folder = name.rpartition(".")[0]
        text = path.read_text()
        lines[folder] += len(text.splitlines())
        if path.name != "__init__.py":
            files[folder] += 1
        targets = imports.setdefault(folder, Counter())
        for target in _imported(ast.parse(text), modules):
            if target.rpartition(".")[0] != folder:
                targets[target.rpartition(".")[0]] += 1
    rows = ["| folder | files | lines | imports from |", "| --- | ---: | ---: | --- |"]
    for folder in sorted(imports):
        known = ", ".join(f"{target} {count}" for target, count in sorted(imports[folder].items()))
        rows.append(f"| {folder} | {files[folder]} | {lines[folder]} | {known} |")
    total = f"| **total** | **{files.total()}** | **{lines.total()}** | {sum(map(Counter.total, imports.values()))} |"
    return "\n".join([*rows, total])


def _imported(tree: ast.AST, modules: dict[str, Path]) -> set[str]:
    """The modules of ours that a file imports, wherever in the file; a package counts as its __init__."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in modules else node.module for name in names}
    known = (name if name in modules else f"{name}.__init__" for name in found)
    return {name for name in known if name in modules}


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the table into the page that has the mark; MkDocs calls this for every page."""
    return markdown.replace(MARK, plan_table(Path(__file__).parents[2])) if MARK in markdown else markdown


if __name__ == "__main__":
    print(plan_table(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
