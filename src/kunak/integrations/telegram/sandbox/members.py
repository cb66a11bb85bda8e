"""The `ChatMember` objects of Telegram, by status."""

import time

from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Chat

_RIGHT_NAMES = (
    "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories "
    "can_send_welcome_messages can_pin_messages can_manage_topics"
)
_WITHHELD = frozenset(("can_be_edited", "is_anonymous"))
_RIGHTS = {name: name not in _WITHHELD for name in _RIGHT_NAMES.split()}
_BY_STATUS: dict[str, JsonObject] = {
    "creator": {"is_anonymous": False},
    "administrator": _RIGHTS,
    "kicked": {"until_date": 0},
}


def member_card(user: JsonObject, status: str) -> JsonObject:
    return {"user": user, "status": status, **_BY_STATUS.get(status, {})}


def status_in(chat: Chat, user_id: int) -> str:
    """What the user is in the chat; those who were never there have left."""
    if user_id in chat.removed_bots:
        return "kicked"
    if user_id not in chat.people | chat.bots:
        return "left"
    if user_id == chat.owner_id:
        return "creator"
    return "administrator" if user_id in chat.admins else "member"


def membership_change(chat: Chat, by: JsonObject, user: JsonObject, *, old: str, new: str) -> JsonObject:
    """A `ChatMemberUpdated`."""
    return {
        "chat": chat.card,
        "from": by,
        "date": int(time.time()),
        "old_chat_member": member_card(user, old),
        "new_chat_member": member_card(user, new),
    }
