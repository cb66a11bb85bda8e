"""What the page is shown of a bot and of a chat."""

import time

from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Chat, SandboxBot
from kunak.integrations.telegram.sandbox.world import World

_SCOPES_PRIVATE = ("chat:{chat}", "all_private_chats", "default")
_SCOPES_GROUP = ("chat_member:{chat}:{user}", "chat:{chat}", "all_group_chats", "default")


def chat_card(chat: Chat) -> JsonObject:
    return chat.card | {"blocked": chat.blocked_by_user, "started": chat.started}


def chat_view(world: World, bot: SandboxBot, chat: Chat, language: str) -> JsonObject:
    """Everything a page needs to draw the chat and then follow its events."""
    return {
        "chat": chat_card(chat),
        "bot": bot.profile,
        "messages": list(chat.messages.values()),
        "reply_keyboard": chat.reply_keyboard,
        "drafts": draft_views(chat),
        "reactions": [
            {"message_id": message_id, "user_id": user_id, "reaction": reaction}
            for (message_id, user_id), reaction in chat.reactions.items()
        ],
        "pinned": chat.pinned,
        "topics": list(chat.topics.values()),
        "commands": commands_for(bot, chat, language),
        "menu_button": menu_button_for(bot, chat),
        "last_event_id": world.events.last_id,
        "memory_id": world.events.began,
    }


def draft_views(chat: Chat) -> list[JsonObject]:
    """The drafts that are still to be seen."""
    now = time.monotonic()
    for draft_id in [draft_id for draft_id, draft in chat.drafts.items() if draft.expires_at <= now]:
        del chat.drafts[draft_id]
    return [{"draft_id": key, "can_stop": draft.can_stop, **draft.content} for key, draft in chat.drafts.items()]


def commands_for(bot: SandboxBot, chat: Chat, language: str, user_id: int = 0) -> list[JsonObject]:
    """The narrowest scope wins, and in it the person's language over none: as Telegram documents it."""
    for scope in _SCOPES_PRIVATE if chat.is_private else _SCOPES_GROUP:
        key = scope.format(chat=chat.id, user=user_id)
        for code in (language, ""):
            if commands := bot.settings.commands.get((key, code)):
                return commands
    return []


def menu_button_for(bot: SandboxBot, chat: Chat) -> JsonObject:
    buttons = bot.settings.menu_buttons
    chosen = buttons.get(chat.id) or {"type": "default"}
    if chosen["type"] == "default":
        chosen = buttons.get(None) or {"type": "default"}
    return chosen if chosen["type"] != "default" else {"type": "commands"}
