"""The chat itself: what it is, who is in it, what the bot does there besides writing."""

from kunak.integrations.telegram.sandbox import groups
from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.composing import post, without_reply
from kunak.integrations.telegram.sandbox.members import member_card, status_in
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.state import Chat

_ACTION_NAMES = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note"
)
_ACTIONS = frozenset(_ACTION_NAMES.split())
_REACTION_SIGNS = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 "
    "🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
_REACTIONS = frozenset(_REACTION_SIGNS.split())
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
_DEFAULT_ICON_COLOR = 7322096


@acts("sendChatAction")
def send_action(call: Call) -> Answer:
    chat = call.chat_to_write()
    if call.params["action"] not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    call.world.tell_pages("chat_action", chat, {"action": call.params["action"], "user": call.bot.as_sender})
    return True


@acts("getChat")
def get_chat(call: Call) -> Answer:
    chat = call.chat()
    full: JsonObject = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    pinned = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    return chat.card | full | ({"pinned_message": without_reply(pinned)} if pinned else {})


@acts("getChatMember")
def get_member(call: Call) -> Answer:
    chat, user_id = call.chat(), call.params["user_id"]
    user = call.world.sender(user_id)
    if user is None:
        raise bad_request("user not found")
    return member_card(user, status_in(chat, user_id))


@acts("getUserProfilePhotos")
def get_profile_photos(_call: Call) -> Answer:
    """People of the sandbox have no pictures."""
    return {"total_count": 0, "photos": []}


@acts("getChatAdministrators")
def get_administrators(call: Call) -> Answer:
    chat = call.chat()
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    users = [call.world.sender(user_id) for user_id in sorted(chat.admins)]
    return [member_card(user, status_in(chat, user["id"])) for user in users if user is not None]


@acts("getChatMemberCount")
def get_member_count(call: Call) -> Answer:
    chat = call.chat()
    return len(chat.people) + len(chat.bots)


@acts("leaveChat")
def leave(call: Call) -> Answer:
    chat = call.chat()
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    groups.remove_member(call.world, chat, call.bot)
    return True


@acts("setMessageReaction")
def react(call: Call) -> Answer:
    chat = call.chat_to_write()
    message = call.message(chat, to="react")
    new = call.params.get("reaction") or []
    if len(new) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if any(each["type"] == "emoji" and each["emoji"].replace("\ufe0f", "") not in _REACTIONS for each in new):
        raise bad_request("REACTION_INVALID")
    key = (message["message_id"], call.bot.id)
    old = chat.reactions.get(key, [])
    chat.reactions[key] = new
    data = {"message_id": key[0], "user": call.bot.as_sender, "old_reaction": old, "new_reaction": new}
    call.world.tell_pages("reaction", chat, data)
    return True


@acts("pinChatMessage")
def pin(call: Call) -> Answer:
    chat = _chat_to_pin_in(call)
    message = call.message(chat, to="pin")
    if message["message_id"] in chat.pinned:
        chat.pinned.remove(message["message_id"])
    chat.pinned.append(message["message_id"])
    call.world.tell_pages("pinned", chat, {"pinned": chat.pinned})
    return True


@acts("unpinChatMessage")
def unpin(call: Call) -> Answer:
    chat = _chat_to_pin_in(call)
    message_id = call.params.get("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    call.world.tell_pages("pinned", chat, {"pinned": chat.pinned})
    return True


@acts("unpinAllChatMessages")
def unpin_all(call: Call) -> Answer:
    chat = _chat_to_pin_in(call)
    chat.pinned.clear()
    call.world.tell_pages("pinned", chat, {"pinned": []})
    return True


@acts("createForumTopic")
def create_topic(call: Call) -> Answer:
    chat = call.chat()
    if not chat.card.get("is_forum"):
        raise bad_request("the chat is not a forum")
    if call.bot.id not in chat.admins:
        raise bad_request("not enough rights to create a topic")
    about = {"name": call.params["name"], "icon_color": call.params.get("icon_color", _DEFAULT_ICON_COLOR)}
    message = post(call, chat, {"forum_topic_created": about})
    topic = {"message_thread_id": message["message_id"], **about}
    chat.topics[message["message_id"]] = topic
    return topic


@acts("deleteForumTopic")
def delete_topic(call: Call) -> Answer:
    chat = call.chat()
    if chat.topics.pop(call.params["message_thread_id"], None) is None:
        raise bad_request("message thread not found")
    return True


def _chat_to_pin_in(call: Call) -> Chat:
    chat = call.chat_to_write()
    if not chat.is_private and call.bot.id not in chat.admins:
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat
