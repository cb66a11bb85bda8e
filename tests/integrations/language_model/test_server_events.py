"""Server-sent events are read the same however the network cuts them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kunak.integrations.language_model import server_events
from kunak.integrations.language_model.server_events import EventTooLongError, ServerEvent, ServerEventReader

STREAM = (
    '\ufeff: hello\n\nevent: greeting\ndata: {"text": "Салам 🎻"}\n\n'
    "data:first\ndata: second\nid: 7\nretry: 10\n\nevent: nothing\n\ndata\n\n: bye\ndata: [DONE]\n\n"
)
EVENTS = [
    ServerEvent(b"greeting", '{"text": "Салам 🎻"}'.encode()),
    ServerEvent(b"", b"first\nsecond"),
    ServerEvent(b"", b""),
    ServerEvent(b"", b"[DONE]"),
]


def read(*chunks: bytes) -> list[ServerEvent]:
    reader = ServerEventReader()
    return [event for chunk in chunks for event in reader.feed(chunk)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@given(cuts=st.lists(st.integers(0, 250)))
def test_any_cut_gives_the_same_events(line_end: str, cuts: list[int]) -> None:
    stream = STREAM.replace("\n", line_end).encode()
    borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert read(*(stream[start:end] for start, end in pairwise(borders))) == EVENTS


def test_byte_by_byte_and_with_the_oldest_line_ends() -> None:
    stream = STREAM.replace("\n", "\r").encode()
    assert read(*(bytes([byte]) for byte in stream)) == EVENTS


def test_what_is_not_completed_is_not_told() -> None:
    assert read(b"data: half") == read(b"data: half\n") == []


def test_an_event_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_events, "LONGEST_EVENT", 100)
    with pytest.raises(EventTooLongError):
        read(*[b"data: " + b"x" * 30] * 5)
    with pytest.raises(EventTooLongError):
        read(*[b"data: " + b"x" * 30 + b"\n"] * 5)
