"""Files are read line by line; what is no document is named with its line and left out."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kunak.features.ingestion import service
from kunak.features.ingestion.normalise import flatten_markdown, normalise_text
from kunak.features.ingestion.schemas import BadLine, NewDocument, SourceKind
from kunak.foundation.errors import InvalidInputError, NotFoundError

GOOD: dict[str, Any] = {"_id": "a", "title": "Мост", "text": "Мост открыт."}
POST: dict[str, Any] = {
    "channel_id": -1001234567890,
    "channel": "Вести села",
    "message_id": 42,
    "date": "2024-12-04T12:00:00+03:00",
    "text": "**Мост** открыт, [подробности](https://example.org/a_(b)).",
}


def write(path: Path, *lines: dict[str, Any] | bytes) -> Path:
    written = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    path.write_bytes(gzip.compress(written) if path.suffix == ".gz" else written)
    return path


def read(path: Path, source: str | None = None) -> tuple[list[NewDocument], list[BadLine]]:
    batches = list(service.read_batches(path, source=source))
    return [each for batch in batches for each in batch.documents], [
        each for batch in batches for each in batch.bad_lines
    ]


@pytest.mark.parametrize("name", ["town.jsonl", "town.jsonl.gz"])
def test_a_document_is_read_from_a_plain_and_from_a_packed_file(tmp_path: Path, name: str) -> None:
    line = GOOD | {"url": "https://example.org", "published_at": "2026-11-01"}
    [document], bad = read(write(tmp_path / name, line))
    assert (document.external_id, document.title, document.text) == ("a", "Мост", "Мост открыт.")
    assert (document.url, document.published_at) == ("https://example.org", datetime(2026, 11, 1, tzinfo=UTC))
    assert (document.source.kind, document.source.key, bad) == (SourceKind.JSONL, "town", [])


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999+00:00"])
def test_a_time_that_says_nothing_is_left_out(tmp_path: Path, time: str) -> None:
    [document], bad = read(write(tmp_path / "town.jsonl", GOOD | {"published_at": time}))
    assert (document.published_at, bad) == (None, [])


def test_a_corpus_is_named_after_its_folder_and_any_file_by_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "laws"
    folder.mkdir()
    path = write(folder / "corpus.jsonl", GOOD)
    assert read(path)[0][0].source.key == "laws"
    assert read(path, source="Alice")[0][0].source.key == "Alice"


def test_a_post_is_read_with_its_channel_and_its_link(tmp_path: Path) -> None:
    [post], _ = read(write(tmp_path / "posts.jsonl", POST))
    assert (post.title, post.text) == ("Вести села", "Мост открыт, подробности.")
    assert post.url == "https://t.me/c/1234567890/42"
    assert (post.source.kind, post.source.key, post.source.title) == (
        SourceKind.CHANNEL,
        "-1001234567890",
        "Вести села",
    )
    assert post.published_at == datetime(2024, 12, 4, 9, tzinfo=UTC)


def test_a_post_of_a_channel_with_a_username_links_to_the_public_page(tmp_path: Path) -> None:
    [post], _ = read(write(tmp_path / "posts.jsonl", POST | {"channel": "@selo_news"}))
    assert post.url == "https://t.me/selo_news/42"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{\n", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"null\n", "not a JSON object"),
        (b'{"_id": "a", "text": "\xff"}\n', "not UTF-8 at byte 23"),
        (b'{"_id": "a", "text": "\\ud800"}\n', "not JSON"),
        (b'{"_id": "a", "text": "a\\u0000b"}\n', "`text` holds a NUL character"),
        (b"[" * 5000 + b"\n", "not JSON"),
        ({"_id": "a"}, "`text` is missing"),
        ({"text": "b"}, "`_id` is missing"),
        (GOOD | {"text": " \n"}, "`text` is empty"),
        (GOOD | {"_id": ""}, "`_id` is empty"),
        (GOOD | {"_id": "x" * 501}, "`_id` is longer than 500 characters"),
        (GOOD | {"title": "x" * 1001}, "`title` is longer than 1,000 characters"),
        (GOOD | {"_id": True}, "`_id` is neither text nor a whole number"),
        (GOOD | {"text": 5}, "`text` is not text"),
        (GOOD | {"title": ["x"]}, "`title` is not text"),
        (GOOD | {"published_at": "yesterday"}, "`published_at` is not a time"),
        (GOOD | {"published_at": 5}, "`published_at` is not a time"),
        (GOOD | {"text": "x" * 1_000_000}, "longer than 1,000,000 bytes"),
        ({"channel_id": -1001, "text": "x"}, "`message_id` is missing"),
        (POST | {"text": "**__**"}, "`text` is empty"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_is_read(tmp_path: Path, line: dict[str, Any] | bytes, reason: str) -> None:
    documents, [bad] = read(write(tmp_path / "town.jsonl", GOOD, b"\n", line, GOOD | {"_id": "z"}))
    assert [document.external_id for document in documents] == ["a", "z"]
    assert bad.number == 3
    assert bad.reason.startswith(reason)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "/relative", "https://a b", "", None])
def test_an_address_nobody_can_follow_is_left_out(tmp_path: Path, address: str | None) -> None:
    [document], bad = read(write(tmp_path / "town.jsonl", GOOD | {"url": address}))
    assert (document.url, bad) == (None, [])


def test_what_editors_add_is_no_error(tmp_path: Path) -> None:
    path = write(tmp_path / "town.jsonl", b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n\r\n")
    documents, bad = read(path)
    assert (len(documents), bad) == (1, [])


def test_of_two_lines_with_one_id_the_later_counts(tmp_path: Path) -> None:
    [document], _ = read(write(tmp_path / "town.jsonl", GOOD, GOOD | {"text": "Мост закрыт."}))
    assert document.text == "Мост закрыт."


def test_a_file_that_cannot_be_read_is_a_plain_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"There is no file .*none\.jsonl"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(InvalidInputError, match="is a folder"):
        read(tmp_path)
    packed = write(tmp_path / "town.jsonl.gz", *[GOOD | {"text": f"{number}" * 99} for number in range(999)])
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(InvalidInputError, match="damaged or cut short"):
        read(packed)


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**жирно** и __курсив__, ~~нет~~, ||тайна||", "жирно и курсив, нет, тайна"),
        ("[**ссылка**](https://example.org/?a=1&b=[2])", "ссылка"),
        ("[1] сноска (см. ниже)", "[1] сноска (см. ниже)"),
        ("`a__b__c` и ```py\nx ** y\n```", "a__b__c и x ** y\n"),
        ("2 * 3 * 4, snake_case_name", "2 * 3 * 4, snake_case_name"),
    ],
)
def test_markdown_becomes_plain_text(markdown: str, plain: str) -> None:
    assert flatten_markdown(markdown) == plain


def test_blanks_and_accents_have_one_shape() -> None:
    assert normalise_text(" и\u0306од\u00a0\u2009 мир \r\n\r\n\r\n\r\n  да ") == "йод мир\n\nда"
