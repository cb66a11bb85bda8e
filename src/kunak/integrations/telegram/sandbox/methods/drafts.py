"""Streaming an answer: drafts of text and of rich messages, in private chats."""

import time

from kunak.integrations.telegram.sandbox import drafts
from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.rich import read_rich_message
from kunak.integrations.telegram.sandbox.state import Draft
from kunak.integrations.telegram.sandbox.texts import read_draft_text


@acts("sendMessageDraft")
def send_draft(call: Call) -> Answer:
    return _show(call, read_draft_text(call, call.params))


@acts("sendRichMessageDraft")
def send_rich_draft(call: Call) -> Answer:
    return _show(call, {"rich_message": read_rich_message(call.world.files, {}, call.params["rich_message"])})


def _show(call: Call, content: JsonObject) -> Answer:
    chat = call.chat_to_write()
    if not chat.is_private:
        raise bad_request("TEXTDRAFT_PEER_INVALID")
    if not call.params["draft_id"]:
        raise bad_request("draft identifier must be non-zero")
    thread = call.params.get("message_thread_id") or None
    draft = Draft(
        content | ({"message_thread_id": thread} if thread else {}),
        can_stop=bool(call.params.get("can_stop")),
        keep_on_stop=bool(call.params.get("keep_on_stop")),
        expires_at=time.monotonic() + call.world.draft_lifetime_s,
        message_thread_id=thread,
    )
    drafts.show(call.world, chat, call.params["draft_id"], draft)
    return True
