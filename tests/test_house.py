"""The house's own rules: style, types, layers, sizes, and what may be imported where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {"torch", "transformers", "peft", "accelerate", "pandas"}
MODULE_LINES = 400

OWNED = {
    *(".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"),
    *("core", "gui", "resources", "tests"),
}

OTHER_HALVES = {
    "httpx2": "huggingface_hub",
    "pydantic_core": "pydantic",
    "shiboken6": "PySide6-Essentials",
    "tokenizers": "transformers",
}
"""Distributions that a declared one pins to its own release, so that they need no line of their own."""

DDL = re.compile(
    r"\b(CREATE|ALTER|DROP)\s+(TEMP\s+|TEMPORARY\s+|UNIQUE\s+|VIRTUAL\s+)?(TABLE|INDEX|TRIGGER|VIEW)\b"
    r"|\.(create_table|add_column|add_foreign_key|create_index|create_view)\("
    r"|\balter=True",
    re.IGNORECASE,
)


def product_files() -> list[Path]:
    return sorted(path for package in ("core", "gui") for path in (ROOT / package).rglob("*.py"))


def modules_of(*packages: str) -> list[str]:
    """Dotted names of `packages` and everything in them, worker processes' own modules left out."""
    files = [f for package in packages for f in (ROOT / package.replace(".", "/")).rglob("*.py")]
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return sorted({name.removesuffix(".__init__") for name in names if not name.endswith(".__main__")})


def output_of(*arguments: str) -> str:
    """What a fresh interpreter prints in the checkout; all it said is shown when it fails."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_style() -> None:
    output_of("-m", "ruff", "check", ".")


def test_types() -> None:
    output_of("-m", "mypy")


def test_layers() -> None:
    said = output_of("-c", "from importlinter.cli import lint_imports_command as lint; lint()")
    assert "0 broken" in said


def loaded_by(*modules: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after importing `modules`."""
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    return set(output_of("-c", code).split())


@pytest.mark.parametrize("entrance", ["core", "core.cli", "gui.app"])
def test_the_entrances_load_no_model_library(entrance: str) -> None:
    assert not loaded_by(entrance) & HEAVY


def test_what_the_window_uses_of_core_loads_neither_models_nor_qt() -> None:
    packages = ("core.data", "core.experiment", "core.storage", "core.audio", "core.recording", "core.runs")
    light = modules_of(*packages)
    loaded = loaded_by("core.errors", "core.paths", "core.evaluation.results", *light)
    assert not loaded & (HEAVY | {"PySide6", "pyqtgraph"})


def test_the_bootstrap_needs_only_the_standard_library() -> None:
    outside = loaded_by(*modules_of("core.bootstrap")) - set(sys.stdlib_module_names) - {"core"} - loaded_by()
    assert not outside


@pytest.mark.parametrize("module", ["core/__init__", "core/bootstrap/__init__", "core/bootstrap/__main__"])
def test_an_old_python_can_read_the_words_that_turn_it_away(module: str) -> None:
    ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_every_library_in_use_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {_distribution(requirement) for requirement in project["dependencies"]}
    providers = {**packages_distributions(), **{half: [whole] for half, whole in OTHER_HALVES.items()}}
    undeclared = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in product_files()
        for name in _imported_packages(path) - set(sys.stdlib_module_names) - {"core", "gui"}
        if not declared & {_distribution(provider) for provider in providers.get(name, [])}
    }
    assert not undeclared


def _distribution(requirement: str) -> str:
    """The normalised name at the start of a requirement such as `PySide6-Essentials>=6.11`."""
    match = re.match(r"[\w.-]+", requirement)
    assert match
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def _imported_packages(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_only_storage_shapes_the_database() -> None:
    storage = ROOT / "core" / "storage"
    offenders = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in product_files()
        if storage not in path.parents
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if DDL.search(line)
    ]
    assert not offenders


def test_no_module_is_too_long_to_read_in_one_go() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in product_files()
    }
    assert not {path: lines for path, lines in lengths.items() if lines > MODULE_LINES}


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for top in ("core", "gui", "tests") for path in (ROOT / top).rglob("*.py")}
    assert not [str(f.relative_to(ROOT)) for f in sorted(folders) if not (f / "__init__.py").is_file()]


def test_the_top_level_holds_only_what_the_design_names() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {name.partition("/")[0] for name in listed} <= OWNED
