"""A person sends a file, alone or as a part of an album."""

from dataclasses import dataclass

from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.entities import detect_entities
from kunak.integrations.telegram.sandbox.files import Upload
from kunak.integrations.telegram.sandbox.formatting import utf16_length
from kunak.integrations.telegram.sandbox.media import KINDS, as_content, store_upload
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.state import Chat, Person
from kunak.integrations.telegram.sandbox.texts import LONGEST_CAPTION
from kunak.integrations.telegram.sandbox.world import World

_IN_ALBUMS = frozenset({"photo", "video", "document", "audio"})
_LONGEST_ALBUM_ID = 32
_OPUS_RATE = 48_000


@dataclass(frozen=True)
class Around:
    """What a file is sent with. `album_id`: the same for all parts of one album."""

    caption: str = ""
    album_id: str | None = None
    reply_to: int | None = None
    thread: int | None = None


def send_file(
    world: World, chat: Chat, person: Person, upload: Upload, *, kind: str, around: Around | None = None
) -> JsonObject:
    """Returns the message. Raises Refusal for a kind there is not, a file that is not of it, or a stranger's."""
    around = around or Around()
    if kind not in KINDS:
        raise bad_request(f"kind is one of {', '.join(KINDS)}")
    people.require_member(chat, person)
    about = _caption(around.caption) | _album(kind, around.album_id)
    stored = store_upload(world.files, kind, upload)
    content = as_content(kind, stored, {"duration": duration_of(upload.content)}) | about
    return people.send(world, chat, person, content, reply_to=around.reply_to, thread=around.thread)


def duration_of(content: bytes) -> int:
    """Whole seconds of a recording in Opus, from its last page; 0 for anything else."""
    last = content.rfind(b"OggS")
    if not content.startswith(b"OggS") or len(content) < last + 14:
        return 0
    position = int.from_bytes(content[last + 6 : last + 14], "little", signed=True)
    return max(0, min(position // _OPUS_RATE, 86_400))


def _album(kind: str, album_id: str | None) -> JsonObject:
    if album_id is None:
        return {}
    if kind not in _IN_ALBUMS or not album_id.isalnum() or len(album_id) > _LONGEST_ALBUM_ID:
        raise bad_request("photos, videos, documents and audio make albums, under an id of letters and digits")
    return {"media_group_id": album_id}


def _caption(text: str) -> JsonObject:
    text = text.strip()
    if utf16_length(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    entities = detect_entities(text)
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})
