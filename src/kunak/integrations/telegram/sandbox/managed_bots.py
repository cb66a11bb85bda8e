"""Bots that a person makes with another bot, which from then on knows their tokens."""

from collections.abc import Sized

from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request, conflict
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot, new_token
from kunak.integrations.telegram.sandbox.world import World

_LONGEST_NAME = 64
# A page open to the world must not fill the memory; programs in this process make as many as they like.
MOST_BOTS = 200


def create(world: World, chat: Chat, person: Person, name: str, username: str) -> SandboxBot:
    """Agree to what a `request_managed_bot` button asks. The bot of the chat hears of the new one, in two ways."""
    manager = world.state.bots.get(chat.bot_id or 0)
    if manager is None or not manager.can_manage_bots:
        raise bad_request("bots are made in the private chat of a bot that may manage others")
    check_room(world.state.bots, MOST_BOTS)
    name, username = check_bot(world, name, username)
    made = world.state.add_bot(username, name)
    made.manager_id = manager.id
    people.send(world, chat, person, {"managed_bot_created": {"bot": made.as_sender}})
    tell_manager(world, made, person.profile)
    return made


def replace_token(world: World, bot: SandboxBot) -> str:
    """The old one is good for nothing from now on."""
    del world.state.bots_by_token[bot.token]
    bot.token = new_token(bot.id)
    world.state.bots_by_token[bot.token] = bot
    return bot.token


def tell_manager(world: World, bot: SandboxBot, by: JsonObject) -> None:
    """The bot was made by this user, or got another token."""
    manager = world.state.bots.get(bot.manager_id or 0)
    if manager is not None:
        world.push_update(manager, "managed_bot", {"user": by, "bot": bot.as_sender}, by["id"])


def check_bot(world: World, name: str, username: str) -> tuple[str, str]:
    """Both as they are to be kept. Raises Refusal for what Telegram does not take."""
    name, username = name.strip(), username.removeprefix("@")
    if not (username.isascii() and username.replace("_", "").isalnum() and username.lower().endswith("bot")):
        raise bad_request("the username of a bot is of Latin letters, digits and _ and ends with bot")
    if not (0 < len(name) <= _LONGEST_NAME and len(username) <= _LONGEST_NAME):
        raise bad_request("a name has 1 to 64 characters")
    if any(bot.username.lower() == username.lower() for bot in world.state.bots.values()):
        raise bad_request("this username is taken")
    return name, username


def check_room(kept: Sized, most: int) -> None:
    if len(kept) >= most:
        raise conflict("the sandbox is full")
