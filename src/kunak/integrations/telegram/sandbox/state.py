"""What the sandbox remembers: bots, people, chats and messages, all in memory and all bounded."""

import secrets
import string
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from kunak.integrations.telegram.sandbox.refusals import JsonObject

_TOKEN_ALPHABET = string.ascii_letters + string.digits + "_-"
_EPOCH = 1_767_225_600  # 2026-01-01 UTC: counters begin at the time passed since, so a restart never repeats an id


def seconds_since_epoch() -> int:
    return int(time.time()) - _EPOCH


def milliseconds_since_epoch() -> int:
    return int((time.time() - _EPOCH) * 1000)


def new_token(bot_id: int) -> str:
    """A token in Telegram's syntax, `<bot_id>:` and 35 characters, that says it is of the sandbox."""
    return f"{bot_id}:SANDBOX" + "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(28))


@dataclass
class Person:
    """A user of the sandbox; `profile` is the `User` object bots receive."""

    id: int
    profile: JsonObject


@dataclass
class Webhook:
    """Where a bot's updates are pushed to, as `setWebhook` left it."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    ip_address: str | None = None
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass
class BotSettings:
    """What a bot has said about itself; keys of `commands` are (scope, language code)."""

    commands: dict[tuple[str, str], list[JsonObject]] = field(default_factory=dict)
    menu_buttons: dict[int | None, JsonObject] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


@dataclass
class SandboxBot:
    """A bot; `profile` is what `getMe` tells and `as_sender` what stands in `from`."""

    id: int
    token: str
    username: str
    name: str
    reads_all_group_messages: bool = False
    supports_inline_queries: bool = True
    can_manage_bots: bool = True
    """As if it were allowed to in @BotFather, who does not live here."""
    manager_id: int | None = None
    """The bot by which it was made."""
    settings: BotSettings = field(default_factory=BotSettings)

    def __post_init__(self) -> None:
        self.as_sender: JsonObject = {
            "id": self.id,
            "is_bot": True,
            "first_name": self.name,
            "username": self.username,
        }

    @property
    def profile(self) -> JsonObject:
        return self.as_sender | {
            "can_join_groups": True,
            "can_read_all_group_messages": self.reads_all_group_messages,
            "supports_inline_queries": self.supports_inline_queries,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
            "can_manage_bots": self.can_manage_bots,
        }


@dataclass
class Draft:
    """A preview of a message being written; gone at `expires_at` (monotonic seconds)."""

    content: JsonObject
    can_stop: bool
    keep_on_stop: bool
    expires_at: float
    message_thread_id: int | None = None


@dataclass(eq=False)
class Chat:
    """One conversation. A private chat belongs to one bot and one person; a group holds many of both.

    `card` is the `Chat` object put into messages. `started` is False while the person
    has only opened a private chat: Telegram's bots cannot write before they are written to.
    """

    id: int
    card: JsonObject
    history_limit: int
    bot_id: int | None = None
    owner_id: int = 0
    people: set[int] = field(default_factory=set)
    bots: set[int] = field(default_factory=set)
    removed_bots: set[int] = field(default_factory=set)
    admins: set[int] = field(default_factory=set)
    started: bool = True
    blocked_by_user: bool = False
    messages: OrderedDict[int, JsonObject] = field(default_factory=OrderedDict)
    pinned: list[int] = field(default_factory=list)
    reactions: dict[tuple[int, int], list[JsonObject]] = field(default_factory=dict)
    topics: dict[int, JsonObject] = field(default_factory=dict)
    drafts: dict[int, Draft] = field(default_factory=dict)
    reply_keyboard: JsonObject | None = None
    next_message_id: int = field(default_factory=seconds_since_epoch)

    @property
    def is_private(self) -> bool:
        return self.bot_id is not None

    def new_message_id(self) -> int:
        self.next_message_id += 1
        return self.next_message_id

    def keep(self, message: JsonObject) -> None:
        """Put a message into the history; the oldest leaves when the history is full."""
        self.messages[message["message_id"]] = message
        while len(self.messages) > self.history_limit:
            gone, _ = self.messages.popitem(last=False)
            self.forget_traces(gone)

    def forget_traces(self, message_id: int) -> None:
        """Drop what hangs on a message that left the history: its pin and its reactions."""
        if message_id in self.pinned:
            self.pinned.remove(message_id)
        if self.reactions:
            for key in [key for key in self.reactions if key[0] == message_id]:
                del self.reactions[key]


class State:
    """Everything the sandbox knows, found by id."""

    def __init__(self, *, history_limit: int) -> None:
        self.history_limit = history_limit
        self.bots: dict[int, SandboxBot] = {}
        self.bots_by_token: dict[str, SandboxBot] = {}
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Chat] = {}
        self.private_chats: dict[tuple[int, int], Chat] = {}
        self._next_bot_id = 8_000_000_000 + seconds_since_epoch()
        self._next_person_id = 7_000_000_000 + seconds_since_epoch()
        self._next_group_id = 2_000_000_000 + seconds_since_epoch()

    def add_bot(self, username: str, name: str, *, token: str | None = None, reads_all: bool = False) -> SandboxBot:
        self._next_bot_id += 1
        while self._next_bot_id in self.bots:  # many made within a second before a restart are ahead of the clock
            self._next_bot_id += 1
        bot_id = int(token.partition(":")[0]) if token else self._next_bot_id
        bot = SandboxBot(bot_id, token or new_token(bot_id), username, name, reads_all_group_messages=reads_all)
        self.bots[bot.id] = bot
        self.bots_by_token[bot.token] = bot
        return bot

    def add_person(self, first_name: str, *, person_id: int | None = None, **profile: str | bool | None) -> Person:
        self._next_person_id += 1
        chosen = person_id or self._next_person_id
        known = {key: value for key, value in profile.items() if value is not None}
        person = Person(chosen, {"id": chosen, "is_bot": False, "first_name": first_name, **known})
        self.people[chosen] = person
        return person

    def add_group(self, title: str, *, is_forum: bool = False, group_id: int | None = None) -> Chat:
        self._next_group_id += 1
        chosen = group_id or int(f"-100{self._next_group_id}")
        card: JsonObject = {"id": chosen, "title": title, "type": "supergroup"}
        if is_forum:
            card["is_forum"] = True
        group = Chat(chosen, card, self.history_limit)
        self.groups[chosen] = group
        return group

    def private_chat(self, bot: SandboxBot, person: Person) -> Chat:
        """The chat of a bot and a person, opened when it was not."""
        chat = self.private_chats.get((bot.id, person.id))
        if chat is None:
            names = ("id", "first_name", "last_name", "username")
            card = {key: person.profile[key] for key in names if key in person.profile} | {"type": "private"}
            chat = Chat(person.id, card, self.history_limit, bot_id=bot.id, people={person.id}, bots={bot.id})
            chat.started = False
            self.private_chats[bot.id, person.id] = chat
        return chat

    def find_chat(self, bot_id: int, chat_id: int) -> Chat | None:
        """A chat as this bot knows it; None when the bot has no part in it, or the person never wrote to it."""
        if chat_id > 0:
            private = self.private_chats.get((bot_id, chat_id))
            return private if private is not None and private.started else None
        group = self.groups.get(chat_id)
        return group if group is not None and bot_id in group.bots else None
