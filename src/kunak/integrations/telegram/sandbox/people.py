"""What a person does: write, edit, press a button, stop a draft, react, block. Each reaches the bots as an update."""

import time

from kunak.integrations.telegram.sandbox.composing import without_reply
from kunak.integrations.telegram.sandbox.entities import detect_entities
from kunak.integrations.telegram.sandbox.formatting import utf16_length
from kunak.integrations.telegram.sandbox.members import membership_change
from kunak.integrations.telegram.sandbox.queries import Query
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request, forbidden, not_found
from kunak.integrations.telegram.sandbox.rich import callback_data_in
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot
from kunak.integrations.telegram.sandbox.texts import LONGEST_TEXT, clean
from kunak.integrations.telegram.sandbox.world import World


def say(
    world: World, chat: Chat, person: Person, text: str, *, reply_to: int | None = None, thread: int | None = None
) -> JsonObject:
    """Write a text. Returns the message. Raises Refusal for an empty text, a too long one, or a stranger's."""
    text = clean(text).strip()
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    entities = detect_entities(text)
    content: JsonObject = {"text": text, "entities": entities} if entities else {"text": text}
    return send(world, chat, person, content, reply_to=reply_to, thread=thread)


def send(
    world: World,
    chat: Chat,
    person: Person,
    content: JsonObject,
    *,
    reply_to: int | None = None,
    thread: int | None = None,
) -> JsonObject:
    """Send a message of any content as this person."""
    require_member(chat, person)
    if thread is not None and thread not in chat.topics:
        raise bad_request("message thread not found")
    message: JsonObject = {
        "message_id": chat.new_message_id(),
        "from": person.profile,
        "chat": chat.card,
        "date": int(time.time()),
    }
    if thread is not None:
        message |= {"message_thread_id": thread, "is_topic_message": True}
    if reply_to is not None:
        message["reply_to_message"] = without_reply(find_message(chat, reply_to))
    message |= content
    if chat.is_private:
        chat.started = True
        unblock(world, chat, person)
    _deliver(world, chat, message, "message")
    return message


def _deliver(world: World, chat: Chat, message: JsonObject, kind: str) -> None:
    """Into the history, to the pages, and to the bots that may read it."""
    chat.keep(message)
    world.tell_pages(kind if kind == "message" else "edited", chat, {"message": message})
    for bot in world.bots_in(chat):
        if may_read(bot, chat, message):
            world.push_update(bot, kind, message, chat.id)


def may_read(bot: SandboxBot, chat: Chat, message: JsonObject) -> bool:
    """Privacy mode: in a group a bot sees commands, mentions of it, answers to it, its results, service messages."""
    if chat.is_private or bot.reads_all_group_messages or bot.id in chat.admins:
        return True
    if message.get("via_bot", {}).get("id") == bot.id:
        return True
    if message.get("reply_to_message", {}).get("from", {}).get("id") == bot.id or "forum_topic_created" in message:
        return True
    text = message.get("text") or message.get("caption") or ""
    if text.startswith("/"):
        _, _, addressed = text.split(maxsplit=1)[0].partition("@")
        return not addressed or addressed.lower() == bot.username.lower()
    return f"@{bot.username}".lower() in text.lower()


def edit(world: World, chat: Chat, person: Person, message_id: int, text: str) -> JsonObject:
    """Change a text of one's own."""
    message = find_message(chat, message_id)
    if message["from"]["id"] != person.id or "text" not in message:
        raise bad_request("message can't be edited")
    text = clean(text)
    if not text.strip():
        raise bad_request("message text is empty")
    kept = {key: value for key, value in message.items() if key not in ("text", "entities")}
    entities = detect_entities(text)
    edited = kept | {"text": text, "edit_date": int(time.time())} | ({"entities": entities} if entities else {})
    _deliver(world, chat, edited, "edited_message")
    return edited


def press(world: World, chat: Chat, person: Person, message_id: int, data: str) -> Query:
    """Press an inline button by its `callback_data`. The query's `answer` is set when the bot answers."""
    require_member(chat, person)
    message = find_message(chat, message_id)
    places = [message.get("reply_markup"), message.get("rich_message")]
    if data not in callback_data_in(places):
        raise bad_request("there is no such button")
    bot = world.state.bots[message["from"]["id"]]
    query = world.queries.ask(bot.id, person.id, chat.id, data)
    update = {
        "id": query.id,
        "from": person.profile,
        "message": message,
        "chat_instance": str(chat.id),
        "data": data,
    }
    world.push_update(bot, "callback_query", update, chat.id)
    return query


def stop_draft(world: World, chat: Chat, draft_id: int) -> None:
    """Press the stop button of a message being written."""
    draft = chat.drafts.get(draft_id)
    if draft is None or not draft.can_stop or chat.bot_id is None:
        raise not_found("there is no such draft to stop")
    draft.can_stop = False
    if not draft.keep_on_stop:
        del chat.drafts[draft_id]
        world.tell_pages("draft_gone", chat, {"draft_id": draft_id})
    update: JsonObject = {"chat": chat.card, "draft_id": draft_id}
    if draft.message_thread_id is not None:
        update["message_thread_id"] = draft.message_thread_id
    world.push_update(world.state.bots[chat.bot_id], "stopped_message_generation", update, chat.id)


def react(world: World, chat: Chat, person: Person, message_id: int, emoji: str | None) -> None:
    """Put a reaction on a message; None takes it away."""
    require_member(chat, person)
    find_message(chat, message_id)
    old = chat.reactions.get((message_id, person.id), [])
    new: list[JsonObject] = [{"type": "emoji", "emoji": emoji}] if emoji else []
    chat.reactions[message_id, person.id] = new
    change = {"message_id": message_id, "user": person.profile, "old_reaction": old, "new_reaction": new}
    world.tell_pages("reaction", chat, change)
    for bot in world.bots_in(chat):
        if chat.is_private or bot.id in chat.admins:
            update = {"chat": chat.card, "date": int(time.time()), **change}
            world.push_update(bot, "message_reaction", update, chat.id)


def block(world: World, chat: Chat, person: Person) -> None:
    if not chat.blocked_by_user:
        chat.blocked_by_user = True
        _tell_membership(world, chat, person, old="member", new="kicked")


def unblock(world: World, chat: Chat, person: Person) -> None:
    if chat.blocked_by_user:
        chat.blocked_by_user = False
        _tell_membership(world, chat, person, old="kicked", new="member")


def _tell_membership(world: World, chat: Chat, person: Person, *, old: str, new: str) -> None:
    for bot in world.bots_in(chat):
        update = membership_change(chat, person.profile, bot.as_sender, old=old, new=new)
        world.push_update(bot, "my_chat_member", update, chat.id)
    world.tell_pages("membership", chat, {"old": old, "new": new})


def find_message(chat: Chat, message_id: int) -> JsonObject:
    message = chat.messages.get(message_id)
    if message is None:
        raise not_found("message not found")
    return message


def require_member(chat: Chat, person: Person) -> None:
    if person.id not in chat.people:
        raise forbidden("the user is not a member of the chat")
