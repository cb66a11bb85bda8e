"""Updates are read without being believed."""

from typing import Any

import pytest
from aiogram.types import Update

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.telegram.updates import UPDATE_KINDS, parse_update, read_update


def test_every_kind_that_telegram_has_is_asked_for() -> None:
    assert set(UPDATE_KINDS) == set(Update.model_fields) - {"update_id"}


@pytest.mark.parametrize(
    ("content", "chat"),
    [
        ({"message": {"chat": {"id": -7}, "from": {"id": 5}}}, -7),
        ({"callback_query": {"from": {"id": 5}, "message": {"chat": {"id": -7}}}}, -7),
        ({"callback_query": {"from": {"id": 5}, "inline_message_id": "x"}}, 5),
        ({"inline_query": {"from": {"id": 5}}}, 5),
        ({"poll_answer": {"user": {"id": 5}}}, 5),
        ({"poll": {"id": "1"}}, 0),
        ({"something_new": {"chat": {"id": 9}}}, 9),
        ({"message": "not a message"}, 0),
        ({"message": {"chat": {"id": "seven"}, "from": {"id": True}}}, 0),
    ],
)
def test_where_an_update_belongs(content: dict[str, Any], chat: int) -> None:
    assert read_update({"update_id": 1} | content).chat_id == chat


def test_an_unknown_kind_is_kept_under_its_own_name() -> None:
    assert read_update({"update_id": 1, "something_new": {}}).kind == "something_new"


def test_half_an_emoji_does_not_make_telegram_bring_an_update_again_and_again() -> None:
    assert parse_update(rb'{"update_id": 1, "message": {"text": "\ud800"}}').payload["message"] == {"text": "\ufffd"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"1",
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b"\\ud800",
        b"[" * 9000,
    ],
)
def test_what_is_no_update_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse_update(body)
