"""The channels of the fake Telegram, and what happens in them."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import types

_BEGINNING = datetime(2026, 11, 1, 9, tzinfo=UTC)


@dataclass
class Channel:
    """A channel. What happens in it is written down by number, and told to who listens."""

    id: int
    title: str
    username: str | None
    access_hash: int = 7
    invitation: str | None = None
    is_private: bool = False
    is_heard: bool = True
    """Whether clients are told of what happens; switched off, something goes missing."""
    messages: dict[int, Any] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    """Updates; that with the number `pts` stands at `pts - 2`."""
    forgotten: int = 0
    """Events up to this number can no longer be asked for."""
    whole: dict[int, Any] = field(default_factory=dict)
    """Long rich messages, of which pages show the beginning."""
    tell: Callable[[Any], None] = lambda _: None
    last_id: int = 0

    @property
    def pts(self) -> int:
        return len(self.events) + 1

    def post(self, text: str, **parts: Any) -> int:
        """A new message; its number. `parts`: of a `Message`."""
        self.last_id += 1
        message = types.Message(
            id=self.last_id,
            peer_id=types.PeerChannel(self.id),
            message=text,
            date=_BEGINNING + timedelta(minutes=self.last_id),
            post=True,
            **parts,
        )
        self.messages[self.last_id] = message
        self._happen(types.UpdateNewChannelMessage(message, self.pts + 1, 1))
        return self.last_id

    def post_rich(self, *paragraphs: str) -> int:
        """A rich message; of several paragraphs pages show the first."""
        blocks = [types.PageBlockParagraph(types.TextPlain(each)) for each in paragraphs]
        part = len(paragraphs) > 1
        number = self.post("", rich_message=types.RichMessage(blocks[:1], [], [], part=part))
        whole = copy(self.messages[number])
        whole.rich_message = types.RichMessage(blocks, [], [])
        self.whole[number] = whole
        return number

    def serve(self, action: Any) -> int:
        """A service message: somebody joined, the title changed."""
        self.last_id += 1
        date = _BEGINNING + timedelta(minutes=self.last_id)
        message = types.MessageService(self.last_id, types.PeerChannel(self.id), date, action)
        self.messages[self.last_id] = message
        self._happen(types.UpdateNewChannelMessage(message, self.pts + 1, 1))
        return self.last_id

    def edit(self, number: int, text: str) -> None:
        message = self.messages[number]
        message.message, message.edit_date = text, message.date + timedelta(hours=1)
        self._happen(types.UpdateEditChannelMessage(message, self.pts + 1, 1))

    def delete(self, *numbers: int) -> None:
        for number in numbers:
            del self.messages[number]
        self._happen(types.UpdateDeleteChannelMessages(self.id, list(numbers), self.pts + 1, 1))

    def forget_events(self) -> None:
        """From now on who asks for what happened before is told that it was too much."""
        self.forgotten = self.pts

    def as_chat(self) -> Any:
        return types.Channel(
            id=self.id,
            title=self.title,
            photo=types.ChatPhotoEmpty(),
            date=_BEGINNING,
            broadcast=True,
            access_hash=self.access_hash,
            username=self.username,
        )

    def _happen(self, update: Any) -> None:
        self.events.append(update)
        if self.is_heard:
            self.tell(types.Updates([update], [], [self.as_chat()], update_date(), 0))


def update_date() -> datetime:
    return datetime.now(UTC)
