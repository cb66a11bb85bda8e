"""Files sent by bots: one by one, as an album, edited, downloaded."""

import secrets

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.composing import chat_of_edit, own_message, post, post_edit
from kunak.integrations.telegram.sandbox.media import KINDS, as_content, file_in, find_file
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.texts import read_caption

_MOST_IN_ALBUM = 10
_LARGEST_DOWNLOAD = 20 * 1024 * 1024
_KIND_OF_METHOD = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendAnimation": "animation",
    "sendVideoNote": "video_note",
    "sendSticker": "sticker",
}
_ABOUT = ("has_media_spoiler", "show_caption_above_media")


@acts(*_KIND_OF_METHOD)
def send_file(call: Call) -> Answer:
    chat = call.chat_to_write()
    kind = _KIND_OF_METHOD[call.method]
    return post(call, chat, _content(call, kind, call.params[kind], call.params))


@acts("sendMediaGroup")
def send_album(call: Call) -> Answer:
    chat, items = call.chat_to_write(), call.params["media"]
    _check_album(items)
    contents = [_content(call, item["type"], item["media"], item) for item in items]
    group = {"media_group_id": str(secrets.randbits(60))}
    return [post(call, chat, content | group) for content in contents]


@acts("editMessageCaption")
def edit_caption(call: Call) -> Answer:
    chat = chat_of_edit(call)
    message = own_message(call, chat)
    if file_in(message) is None:
        raise bad_request("there is no caption in the message to edit")
    return post_edit(call, chat, message, read_caption(call, call.params), drop=("caption", "caption_entities"))


@acts("editMessageMedia")
def edit_media(call: Call) -> Answer:
    chat = chat_of_edit(call)
    message = own_message(call, chat)
    item = call.params["media"]
    if item["type"] not in KINDS:
        raise bad_request("wrong type of media")
    content = _content(call, item["type"], item["media"], item)
    drop = (*KINDS, "text", "entities", "caption", "caption_entities")
    return post_edit(call, chat, message, content, drop=drop)


@acts("getFile")
def get_file(call: Call) -> Answer:
    stored = call.world.files.get(call.params["file_id"])
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    size = len(stored.upload.content)
    if size > _LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {"file_id": stored.id, "file_unique_id": stored.unique_id, "file_size": size, "file_path": stored.path}


def _content(call: Call, kind: str, given: str, told: JsonObject) -> JsonObject:
    caption = read_caption(call, told)  # before the file: a refused call stores nothing
    stored = find_file(call.world.files, kind, given, call.files)
    about = {name: True for name in _ABOUT if told.get(name)}
    if about.pop("has_spoiler", None) or told.get("has_spoiler"):
        about["has_media_spoiler"] = True
    return as_content(kind, stored, told) | caption | about


def _check_album(items: list[JsonObject]) -> None:
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > _MOST_IN_ALBUM:
        raise bad_request("too many messages to send as an album")
    kinds = {item["type"] for item in items}
    for kind in ("audio", "document"):
        if kind in kinds and len(kinds) > 1:
            raise bad_request(f"{kind} can't be mixed with other media types")
    if unknown := kinds - set(KINDS):
        raise bad_request(f"the sandbox sends no {min(unknown)} in albums")
