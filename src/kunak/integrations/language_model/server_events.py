"""Server-sent events out of bytes, as the HTML standard reads them.

A small one of our own: the transport is aiohttp's, and the readers that exist are made for other clients.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_MARK = b"\xef\xbb\xbf"
LONGEST_EVENT = 8 * 1024 * 1024
"""Bytes. The last event of an answer repeats all of it; more than this is no answer."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event. `data` is bytes: characters that were cut between two chunks are whole again here."""

    name: bytes
    data: bytes


class EventTooLongError(ValueError):
    """A server sends one event without end."""


class ServerEventReader:
    """Takes chunks as they come, gives events as they are complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._began = False
        self._after_return = False
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """The events that `chunk` completes; one that the stream never completes is never told.

        Raises:
            EventTooLongError: an event is longer than LONGEST_EVENT.
        """
        for line in self._lines(chunk) if chunk else ():
            if line:
                self._take(line)
            elif event := self._complete():
                yield event

    def _lines(self, chunk: bytes) -> list[bytes]:
        text = self._rest + chunk if self._rest else chunk
        if not self._began:
            if len(text) < len(_MARK) and _MARK.startswith(text):
                self._rest = text
                return []
            self._began, text = True, text.removeprefix(_MARK)
        if self._after_return:
            text = text.removeprefix(b"\n")  # the other half of \r\n
        self._after_return = text.endswith(b"\r")
        lines = _LINE_END.split(text)
        self._rest = lines.pop()
        if len(self._rest) + self._size > LONGEST_EVENT:
            raise EventTooLongError
        return lines

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._size += len(value)
        elif field == b"event":
            self._name = value

    def _complete(self) -> ServerEvent | None:
        event = ServerEvent(self._name, b"\n".join(self._data)) if self._data else None
        self._name, self._data, self._size = b"", [], 0
        return event
