"""Files as they stand in messages: photos with their sizes, documents, voices and the rest."""

from collections.abc import Mapping

from kunak.integrations.telegram.sandbox.files import FileStore, StoredFile, Upload
from kunak.integrations.telegram.sandbox.images import picture_size
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request

KINDS = ("photo", "document", "video", "audio", "voice", "animation", "video_note", "sticker")
_LARGEST_PHOTO = 10 * 1024 * 1024
_LONGEST_SIDES = 10_000
_STEEPEST_RATIO = 20
_ATTACHED = "attach://"
# What a sender may say about a file, and what Telegram makes of silence.
_TOLD: dict[str, JsonObject] = {
    "document": {},
    "video": {"width": 0, "height": 0, "duration": 0},
    "audio": {"duration": 0},
    "voice": {"duration": 0},
    "animation": {"width": 0, "height": 0, "duration": 0},
    "video_note": {"length": 240, "duration": 0},
    "sticker": {"width": 512, "height": 512},
}
_OPTIONAL = {"audio": ("performer", "title")}
_NAMED = ("document", "video", "audio", "animation")


def find_file(store: FileStore, kind: str, given: str, uploads: Mapping[str, Upload]) -> StoredFile:
    """The file a call speaks of: sent along with it, or known by its id. Raises Refusal for any other."""
    if given.startswith(_ATTACHED):
        upload = uploads.get(given.removeprefix(_ATTACHED))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return store_upload(store, kind, upload)
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the sandbox fetches nothing: it has no way out
    stored = store.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request("type of file mismatch")
    return stored


def store_upload(store: FileStore, kind: str, upload: Upload) -> StoredFile:
    """Raises Refusal for an empty file and for a photo that is none."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        _check_photo(upload)
    return store.put(upload, kind)


def as_content(kind: str, stored: StoredFile, told: JsonObject) -> JsonObject:
    """The fields of a message that carry the file; `told` is what the sender said about it."""
    card: JsonObject = {"file_id": stored.id, "file_unique_id": stored.unique_id}
    size = {"file_size": len(stored.upload.content)}
    if kind == "photo":
        width, height = picture_size(stored.upload.content) or (0, 0)
        return {"photo": [card | {"width": width, "height": height} | size]}
    card |= {name: told.get(name, silent) for name, silent in _TOLD[kind].items()}
    card |= {name: told[name] for name in _OPTIONAL.get(kind, ()) if name in told}
    if kind == "sticker":
        return {kind: card | {"type": "regular", "is_animated": False, "is_video": False} | size}
    if kind in _NAMED:
        card["file_name"] = stored.upload.name
    if kind != "video_note":
        card["mime_type"] = stored.upload.mime_type
    card |= size
    return {"animation": card, "document": _as_document(card)} if kind == "animation" else {kind: card}


def file_in(message: JsonObject) -> tuple[str, JsonObject] | None:
    """Kind and card of the file in a message."""
    for kind in ("animation", *KINDS):
        if kind in message:
            card = message[kind]
            return kind, card[-1] if isinstance(card, list) else card
    return None


def _as_document(card: JsonObject) -> JsonObject:
    return {key: value for key, value in card.items() if key not in ("width", "height", "duration")}


def _check_photo(upload: Upload) -> None:
    if len(upload.content) > _LARGEST_PHOTO:
        raise bad_request("too big for a photo")
    size = picture_size(upload.content)
    if size is None or 0 in size:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > _LONGEST_SIDES or max(size) > _STEEPEST_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
