"""A feature is entered through its front door: what `service` and `schemas` say themselves, nothing behind them.

An edge may also use the same edge of a feature below it; processes wire edges, services and schemas.
"""

from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

EDGES = frozenset({"web", "api", "bot", "jobs"})
DOORS = frozenset({"service", "schemas"})


def forced_doors(graph: grimp.ImportGraph, package: str) -> Iterator[str]:
    """Every import of a feature's inside by somebody else, as `importer -> imported`."""
    features = f"{package}.features."
    for imported in sorted(module for module in graph.modules if module.startswith(features)):
        for importer in sorted(graph.find_modules_that_directly_import(imported)):
            if not _may(importer.removeprefix(f"{package}.").split("."), imported.removeprefix(features).split(".")):
                yield f"{importer} -> {imported}"


def _may(importer: list[str], imported: list[str]) -> bool:
    storey, feature, *room = importer if importer[0] == "features" else [importer[0], "", ""]
    if storey == "features" and feature == imported[0]:
        return True
    if len(imported) != 2:
        return False
    own_edge = EDGES & set(room[:1]) if storey == "features" else EDGES
    return imported[1] in DOORS | own_edge


def test_every_feature_is_entered_by_the_front_door() -> None:
    graph = grimp.build_graph("kunak", cache_dir=None)
    assert list(forced_doors(graph, "kunak")) == []


@pytest.mark.parametrize(
    ("importer", "imported", "may"),
    [
        ("features.board.service", "features.people.service", True),
        ("features.board.service", "features.people.schemas", True),
        ("features.board.service", "features.people.repository", False),
        ("features.board.service", "features.people.service.manage", False),
        ("features.board.service", "features.people", False),
        ("features.board.service", "features.people.web", False),
        ("features.board.service", "features.board.repository", True),
        ("features.board.web", "features.people.web", True),
        ("features.board.web.lists", "features.people.web", True),
        ("features.board.web", "features.people.jobs", False),
        ("features.board.web", "features.people.models", False),
        ("processes.worker", "features.people.jobs", True),
        ("processes.worker", "features.people.service", True),
        ("processes.worker", "features.people.models", False),
        ("processes.worker", "features.people.service.manage", False),
    ],
)
def test_a_door_is_forced_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, importer: str, imported: str, *, may: bool
) -> None:
    house = f"house_{abs(hash((importer, imported)))}"
    build(tmp_path / house, importer, imported, house)
    monkeypatch.syspath_prepend(tmp_path)
    found = list(forced_doors(grimp.build_graph(house, cache_dir=None), house))
    assert found == ([] if may else [f"{house}.{importer} -> {house}.{imported}"])


def build(root: Path, importer: str, imported: str, house: str) -> None:
    """A package of two modules, the first of which imports the second."""
    for module in (imported, importer):
        folder = root.joinpath(*module.split("."))
        folder.mkdir(parents=True, exist_ok=True)
        for each in [folder, *folder.parents]:
            if each.is_relative_to(root):
                (each / "__init__.py").touch()
    root.joinpath(*importer.split("."), "__init__.py").write_text(f"import {house}.{imported}\n")
