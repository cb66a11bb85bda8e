"""What hangs on a message besides its text."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class AttachmentKind(StrEnum):
    """As Telegram names them."""

    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO_NOTE = "video_note"
    VIDEO = "video"
    ANIMATION = "animation"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    VENUE = "venue"
    CONTACT = "contact"
    POLL = "poll"
    DICE = "dice"
    STORY = "story"


SOUNDS = frozenset({AttachmentKind.VOICE, AttachmentKind.AUDIO, AttachmentKind.VIDEO_NOTE})
LONGEST_SIDE = 2048
"""Pixels; a model sees no more of a picture."""
_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True)
class Attachment:
    """`file_id`: empty for what is no file. `size` in bytes, `seconds` how long it plays: as the sender said."""

    kind: AttachmentKind
    file_id: str = ""
    size: int | None = None
    seconds: int | None = None
    file_name: str = ""

    @property
    def is_sound(self) -> bool:
        return self.kind in SOUNDS


def read_attachments(message: dict[str, Any]) -> tuple[Attachment, ...]:
    """At most one: a message holds one thing. An animation is a document too, a venue a location; the first counts."""
    if photo := _photo(message.get("photo")):
        return (photo,)
    for kind in (AttachmentKind.ANIMATION, AttachmentKind.VENUE, *AttachmentKind):
        card = message.get(kind)
        if kind is not AttachmentKind.PHOTO and isinstance(card, dict):
            return (_attachment(kind, card),)
    return ()


def _attachment(kind: AttachmentKind, card: dict[str, Any]) -> Attachment:
    """A picture that was sent as a file is a picture all the same."""
    if kind is AttachmentKind.DOCUMENT and card.get("mime_type") in _IMAGES:
        kind = AttachmentKind.PHOTO
    name = card.get("file_name")
    file_id = card.get("file_id")
    return Attachment(
        kind,
        file_id if isinstance(file_id, str) else "",
        _whole(card.get("file_size")),
        _whole(card.get("duration")),
        name if isinstance(name, str) else "",
    )


def _photo(sizes: Any) -> Attachment | None:
    """Telegram gives several sizes: the largest that a model would see whole, else the smallest."""
    cards = [each for each in sizes if isinstance(each, dict)] if isinstance(sizes, list) else []
    if not cards:
        return None
    fitting = [each for each in cards if _side(each) <= LONGEST_SIDE]
    return _attachment(AttachmentKind.PHOTO, max(fitting, key=_side) if fitting else min(cards, key=_side))


def _side(card: dict[str, Any]) -> int:
    return max(_whole(card.get("width")) or 0, _whole(card.get("height")) or 0)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
