"""Who may know whom inside write-back: an arrow back would make the folders one ball again."""

import ast
from pathlib import Path

import pytest

import reverse_etl

ROOT = Path(reverse_etl.__file__).parent
# Each package may import those before it; the modules beside the packages, its verbs, may import all of them.
LAYERS = ("sync_format", "ledger", "destinations", "plans", "delivery")
# Plain words for all: neither knows any of the packages.
WORDS = {"failures", "report", "source_of_truth"}


def _imported(file: Path) -> set[str]:
    """First names below `reverse_etl` that a file imports."""
    modules = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    return {
        name
        for node in modules
        if (node.module or "").split(".")[0] == "reverse_etl"
        for name in (
            [(node.module or "").split(".")[1]] if "." in (node.module or "") else [alias.name for alias in node.names]
        )
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_a_package_imports_only_what_lies_below_it(layer: str) -> None:
    allowed = WORDS | set(LAYERS[: LAYERS.index(layer) + 1])
    found = {f"{file.name}: {name}" for file in (ROOT / layer).glob("*.py") for name in _imported(file) - allowed}
    assert not found


@pytest.mark.parametrize("word", sorted(WORDS))
def test_words_for_all_know_no_package(word: str) -> None:
    assert _imported(ROOT / f"{word}.py") <= WORDS


def test_every_folder_with_code_is_a_layer() -> None:
    assert {folder.name for folder in ROOT.iterdir() if any(folder.glob("*.py"))} == set(LAYERS)
