"""What documents say about the code is so, and their links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from scripts import write_references

from kunak.cli import main as cli
from kunak.foundation.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS = [*DOCUMENTS, *sorted(path for path in ROOT.glob("src/kunak/**/*.py") if "kunak " in path.read_text())]
_LINK = re.compile(r"\]\(([^()\s]+)\)|<(?:img|a)\s[^>]*?(?:src|href)=\"([^\"]+)\"")
_PATH = re.compile(r"`((?:src|tests|docs|scripts|benchmarks|features|foundation|integrations|processes)/[\w./-]+)`")
_COMMAND = re.compile(r"(?:`|\$ )kunak ([a-z]+)(?: ([a-z]+))?")
_SETTING = re.compile(r"\bKUNAK_[A-Z_]+[A-Z]\b")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def test_pages_that_repeat_the_code_are_fresh() -> None:
    stale = [str(path) for path, content in write_references.pages().items() if path.read_text() != content]
    assert stale == [], "run: python scripts/write_references.py"


FOR_TESTS = {"KUNAK_TEST_DATABASE_URL", "KUNAK_TEST_CHROMIUM", "KUNAK_TEST_QDRANT_URL", "KUNAK_TEST_QDRANT_API_KEY"}


@pytest.mark.parametrize("contract", ["storeys", "features", "inside-a-feature"])
def test_the_picture_of_the_house_is_drawn_from_its_contracts(contract: str) -> None:
    assert f"```mermaid\n{write_references.draw(contract)}```" in (ROOT / "docs" / "architecture.md").read_text()


def test_a_picture_shows_layers_in_order_and_what_is_not_built() -> None:
    drawn = write_references.draw("features")
    assert drawn.index('landing["landing"]') < drawn.index('conversations["conversations"]')
    assert 'moderation["moderation"]:::planned' in drawn
    assert "layer0 --> layer1" in drawn


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert list(dead_links(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_it_names_are_there(document: Path) -> None:
    named = _PATH.findall(_CODE.sub("", document.read_text()))
    assert [
        path for path in named if not (ROOT / path).exists() and not (write_references.SOURCE / path).exists()
    ] == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_and_settings_it_names_are_there(text: Path) -> None:
    content = text.read_text()
    unknown = [" ".join(words) for words in _COMMAND.findall(content) if not is_command(cli, [*filter(None, words)])]
    settings = {f"KUNAK_{name.upper()}" for name in Settings.model_fields} | FOR_TESTS
    assert unknown + [name for name in _SETTING.findall(content) if name not in settings] == []


def is_command(command: click.Command, words: list[str]) -> bool:
    """Whether `words` begin with the name of a command; what follows it are arguments."""
    if not isinstance(command, click.Group):
        return True
    return words == [] or (words[0] in command.commands and is_command(command.commands[words[0]], words[1:]))


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '# A title\n[a](#a-title) [b](gone.md) [c](#gone) [d](page.md#a-title) <img src="gone.png"> `[x](y)`\n'
    )
    assert list(dead_links(page)) == ["gone.md", "#gone", "gone.png"]


def dead_links(document: Path) -> Iterator[str]:
    prose = re.sub(r"`[^`\n]*`", "", _CODE.sub("", document.read_text()))
    for link, source in _LINK.findall(prose):
        target = link or source
        if not re.match(r"[a-z]+:", target) and not _leads_somewhere(document, target):
            yield target


def _leads_somewhere(document: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    page = document.parent / path if path else document
    return page.exists() and (not anchor or anchor in anchors(page))


def anchors(page: Path) -> set[str]:
    """The addresses of a page's headings, as GitHub makes them."""
    headings = _HEADING.findall(_CODE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
