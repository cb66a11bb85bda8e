"""Groups: who is in them, and what bots hear of it."""

import time

from kunak.integrations.telegram.sandbox.members import membership_change, status_in
from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot
from kunak.integrations.telegram.sandbox.world import World


def create(world: World, title: str, people: list[Person], bots: list[SandboxBot], *, is_forum: bool = False) -> Chat:
    """A supergroup of at least one person; the first owns it and is an administrator."""
    group = world.state.add_group(title, is_forum=is_forum)
    group.people = {person.id for person in people}
    group.admins.add(people[0].id)
    group.owner_id = people[0].id
    for bot in bots:
        add_member(world, group, bot)
    return group


def add_member(world: World, group: Chat, member: Person | SandboxBot, *, is_admin: bool = False) -> None:
    """Let someone in, or give them their rank."""
    old = status_in(group, member.id)
    if is_admin:
        group.admins.add(member.id)
    (group.bots if isinstance(member, SandboxBot) else group.people).add(member.id)
    group.removed_bots.discard(member.id)
    _tell(world, group, member, old)
    if old in ("left", "kicked"):
        _post_service(world, group, {"new_chat_members": [_user(member)]})


def remove_member(world: World, group: Chat, member: Person | SandboxBot) -> None:
    old = status_in(group, member.id)
    if old in ("left", "kicked"):
        return
    _post_service(world, group, {"left_chat_member": _user(member)})
    group.admins.discard(member.id)
    group.people.discard(member.id)
    if isinstance(member, SandboxBot):
        group.removed_bots.add(member.id)
    _tell(world, group, member, old)  # while the bot is still among those who are told
    group.bots.discard(member.id)


def _user(member: Person | SandboxBot) -> JsonObject:
    return member.as_sender if isinstance(member, SandboxBot) else member.profile


def _tell(world: World, group: Chat, member: Person | SandboxBot, old: str) -> None:
    """The bot concerned hears `my_chat_member`, administrators among the bots `chat_member`."""
    new = status_in(group, member.id)
    if old == new:
        return
    owner = world.state.people[group.owner_id].profile
    change = membership_change(group, owner, _user(member), old=old, new=new)
    for bot in world.bots_in(group):
        if bot.id == member.id:
            world.push_update(bot, "my_chat_member", change, group.id)
        elif bot.id in group.admins:
            world.push_update(bot, "chat_member", change, group.id)
    world.tell_pages("membership", group, {"user": _user(member), "old": old, "new": new})


def _post_service(world: World, group: Chat, content: JsonObject) -> None:
    owner = world.state.people[group.owner_id].profile
    message: JsonObject = {
        "message_id": group.new_message_id(),
        "from": owner,
        "chat": group.card,
        "date": int(time.time()),
        **content,
    }
    group.keep(message)
    world.tell_pages("message", group, {"message": message})
    for bot in world.bots_in(group):
        world.push_update(bot, "message", message, group.id)
