"""Making people, bots and groups from the page."""

import re

from kunak.integrations.telegram.sandbox import groups
from kunak.integrations.telegram.sandbox.chat_view import chat_card
from kunak.integrations.telegram.sandbox.managed_bots import MOST_BOTS, check_bot, check_room
from kunak.integrations.telegram.sandbox.refusals import JsonObject, bad_request
from kunak.integrations.telegram.sandbox.texts import clean
from kunak.integrations.telegram.sandbox.visits import View, Visit

_LONGEST_NAME = 64
_USERNAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_MOST_PEOPLE, _MOST_GROUPS = 2000, 200


async def list_people(visit: Visit) -> object:
    return {"users": [person.profile for person in visit.world.state.people.values()]}


async def create_person(visit: Visit) -> object:
    check_room(visit.world.state.people, _MOST_PEOPLE)
    person_id = visit.optional_number("id")
    if person_id is not None and (person_id <= 0 or person_id in visit.world.state.people):
        raise bad_request("this id is taken or no id of a person")
    names = ("last_name", "username", "language_code")
    given: dict[str, str | None] = {name: visit.optional_text(name) for name in names}
    first_name = visit.text("first_name").strip()
    _check_person(first_name, given)
    return visit.world.state.add_person(first_name, person_id=person_id, **given).profile


def _check_person(first_name: str, given: dict[str, str | None]) -> None:
    texts = [first_name, *(text for text in given.values() if text)]
    if not first_name or any(len(text) > _LONGEST_NAME for text in texts):
        raise bad_request("a name has 1 to 64 characters")
    if any(clean(text) != text for text in texts):
        raise bad_request("a name holds no control characters")
    if given["username"] and not _USERNAME.fullmatch(given["username"]):
        raise bad_request("a username is of Latin letters, digits and _")
    if given["language_code"] and not _LANGUAGE.fullmatch(given["language_code"]):
        raise bad_request("a language is named by its code, such as ru or pt-br")


async def list_bots(visit: Visit) -> object:
    return {"bots": [bot.profile for bot in visit.world.state.bots.values()]}


async def create_bot(visit: Visit) -> object:
    check_room(visit.world.state.bots, MOST_BOTS)
    name, username = check_bot(visit.world, visit.text("name"), visit.text("username"))
    reads_all = visit.body.get("reads_all_group_messages") is True
    bot = visit.world.state.add_bot(username, name, reads_all=reads_all)
    bot.supports_inline_queries = visit.body.get("supports_inline_queries") is not False
    return bot.profile | {"token": bot.token}


async def show_bot(visit: Visit) -> object:
    return visit.bot.profile


async def list_groups(visit: Visit) -> object:
    return {"groups": [_group_view(visit, group.id) for group in visit.world.state.groups.values()]}


async def create_group(visit: Visit) -> object:
    check_room(visit.world.state.groups, _MOST_GROUPS)
    is_forum = visit.body.get("is_forum") is True
    people = [visit.person_with(person_id) for person_id in visit.numbers("user_ids")]
    bots = [visit.bot_with(bot_id) for bot_id in visit.numbers("bot_ids")]
    if not people:
        raise bad_request("a group needs a person in it")
    group = groups.create(visit.world, visit.text("title"), people, bots, is_forum=is_forum)
    return _group_view(visit, group.id)


async def add_member(visit: Visit) -> object:
    group = visit.group
    added = visit.body.get("user_id") or visit.body.get("bot_id")
    groups.add_member(visit.world, group, visit.member_with(added), is_admin=visit.body.get("is_admin") is True)
    return _group_view(visit, group.id)


async def remove_member(visit: Visit) -> object:
    group = visit.group
    groups.remove_member(visit.world, group, visit.member_with(visit.number_in_path("member_id")))
    return _group_view(visit, group.id)


def _group_view(visit: Visit, group_id: int) -> JsonObject:
    group = visit.world.state.groups[group_id]
    return chat_card(group) | {
        "user_ids": sorted(group.people),
        "bot_ids": sorted(group.bots),
        "admin_ids": sorted(group.admins),
    }


SETUP_VIEWS: tuple[tuple[str, str, View], ...] = (
    ("GET", "/users", list_people),
    ("POST", "/users", create_person),
    ("GET", "/bots", list_bots),
    ("POST", "/bots", create_bot),
    ("GET", "/bots/{bot_id:int}", show_bot),
    ("GET", "/groups", list_groups),
    ("POST", "/groups", create_group),
    ("POST", "/groups/{group_id}/members", add_member),
    ("DELETE", "/groups/{group_id}/members/{member_id}", remove_member),
)
