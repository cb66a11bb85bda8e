"""Pictures are looked at by the model, when it can; they are not kept."""

from dataclasses import dataclass

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.talk import talk
from kunak.features.messaging.schemas import Reply
from kunak.foundation.language.words import Words
from kunak.integrations.language_model.errors import ImagesRefusedError
from kunak.integrations.language_model.interface import Image
from kunak.integrations.telegram.attachments import Attachment, AttachmentKind
from kunak.integrations.telegram.file_types import picture_type
from kunak.integrations.telegram.files import FileGoneError, FileTooLargeError

_MOST_PICTURES = 4
"""Of one album: each is paid for."""
_MOST_BYTES = 5 * 2**20


@dataclass(frozen=True)
class Seen:
    """What came of looking: an answer, or why there is none."""

    reply: Reply | None = None
    why_not: str = ""


async def see(library: Library, spoken: Spoken, question: str) -> Seen:
    """What the model says to the pictures of a message, and the question below them."""
    words = spoken.words
    if library.model is None or library.files is None or spoken.access is None:
        return Seen(why_not=_blind(words))
    pictures = [each for each in spoken.message.attachments if each.kind is AttachmentKind.PHOTO]
    images = [image for each in pictures[:_MOST_PICTURES] if (image := await _load(library, spoken, each))]
    if not images:
        return Seen(why_not=words.gettext("I could not open the picture: it is too large, gone, or no picture at all."))
    asked = question or words.ngettext("What is in this picture?", "What is in these pictures?", len(images))
    otherwise = words.gettext("I could not make anything of this picture.")
    try:
        return Seen(await talk(library, library.model, spoken, asked, otherwise, images=images))
    except ImagesRefusedError:
        return Seen(why_not=_blind(words))


def _blind(words: Words) -> str:
    return words.gettext("I cannot look at pictures: please write in words what you would like to know.")


async def _load(library: Library, spoken: Spoken, picture: Attachment) -> Image | None:
    """None for what cannot be had, and for what is no picture whatever its sender says."""
    if library.files is None or spoken.access is None or not picture.file_id:
        return None
    try:
        content = await library.files.load(spoken.access, picture.file_id, most_bytes=_MOST_BYTES)
    except (FileGoneError, FileTooLargeError):
        return None
    media_type = picture_type(content)
    return Image(content=content, media_type=media_type) if media_type else None
