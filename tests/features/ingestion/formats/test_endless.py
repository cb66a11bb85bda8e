"""What would take years, were it looked at in every way in which it can be read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Never

import pytest

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.compose import compose
from kunak.features.ingestion.fetch import Outside
from kunak.features.ingestion.formats.article import read_article
from kunak.features.ingestion.formats.entities import mark
from kunak.features.ingestion.formats.feed import looks_like_feed
from kunak.features.ingestion.formats.html_text import html_to_text
from kunak.features.ingestion.schemas import LinkPreview, Post, SourceKind, SourceName
from kunak.foundation.helper import TooHardError
from kunak.integrations.web_pages.fake import FakeWebPages

STORY = "<p>Трубы на Садовой меняют до пятницы, и воду привозят во дворы утром и вечером.</p>" * 3


@pytest.mark.parametrize("name", [f"comments{'1' * 90}x", f"cookie-banner{'_' * 90}:", f"modal{'-box' * 90}!"])
def test_a_name_of_an_element(name: str) -> None:
    page = f"<html><body><div><p>{name}</p>{STORY}</div><div class='{name}' id='{name}'></div></body></html>"
    assert "Трубы на Садовой" in read_article(page.encode(), "https://example.org/pipes").text


def test_comments_before_a_feed() -> None:
    assert looks_like_feed(b"<!-- -->" * 90 + b"<rss>")


def test_a_post_of_nearly_nothing_but_addresses() -> None:
    post = Post("1", f"{'https://' * 90} сказано", link_preview=LinkPreview("https://example.org", "Мост", ""))
    (document,) = compose(
        [post], SourceName(SourceKind.TELEGRAM, "@village", "village"), now=datetime(2026, 11, 20, tzinfo=UTC)
    )
    assert document.text == post.text


def test_a_long_row_of_blanks() -> None:
    blanks = " " * 1_000_000
    assert html_to_text(f"<pre>Мост{blanks}закрыт {blanks}\n{blanks}до мая</pre>") == "Мост закрыт\nдо мая"
    assert mark("bold", f" Мост{blanks}закрыт{blanks}") == f" **Мост{blanks}закрыт**{blanks}"


async def test_a_saved_page_that_is_too_hard_is_given_up_like_any_other(tmp_path: Path) -> None:
    async def give_up(*_: object, **__: object) -> Never:
        raise TooHardError

    path = tmp_path / "page.html"
    path.write_text(STORY)
    with pytest.raises(TooHardError):
        await ingestion.preview(str(path), Outside(FakeWebPages(), call=give_up), with_files=True)
