"""What an address means, by looking at it."""

import pytest

from kunak.features.ingestion.recognise import recognise
from kunak.features.ingestion.schemas import SourceKind
from kunak.foundation.errors import InvalidInputError, NotFoundError


@pytest.mark.parametrize(
    "written",
    [
        *("@Selo_News", "t.me/selo_news", "https://t.me/selo_news", "http://T.me/s/selo_news", " t.me/selo_news/42 "),
        *("https://telegram.me/selo_news?before=5", "tg://resolve?domain=selo_news", "https://t.me/s/selo_news/42"),
    ],
)
def test_a_channel_is_known_by_any_of_its_addresses(written: str) -> None:
    assert recognise(written) == (SourceKind.TELEGRAM, "selo_news")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.org/feed.xml", "https://example.org/feed.xml"),
        ("example.org", "https://example.org"),
        ("example.org/feed.xml", "https://example.org/feed.xml"),
        ("новости.рф/лента", "https://новости.рф/лента"),
        ("http://nott.me/x", "http://nott.me/x"),
    ],
)
def test_anything_else_is_a_page_to_be_looked_at(written: str, address: str) -> None:
    assert recognise(written) == (None, address)


@pytest.mark.parametrize(
    "written",
    [
        *("@", "@a b", "@пост", "t.me/", "t.me/+abc", "t.me/joinchat/abc", "t.me/c/1/2", "t.me/addstickers/x"),
        *("tg://join?invite=x", "@" + "a" * 33, "t.me/1name"),
    ],
)
def test_what_is_no_public_channel_is_refused(written: str) -> None:
    with pytest.raises(InvalidInputError):
        recognise(written)


@pytest.mark.parametrize("written", ["", "word", "town.jsonl", "./result.json", "/tmp/none"])  # noqa: S108  not there
def test_what_is_neither_file_nor_address_is_not_found(written: str) -> None:
    with pytest.raises(NotFoundError):
        recognise(written)
