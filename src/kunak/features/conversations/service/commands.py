"""The commands that Telegram shows for a bot, in each language."""

import hashlib
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.repository import searches
from kunak.features.conversations.schemas import TellCommands
from kunak.foundation.jobs.queue import enqueue
from kunak.foundation.language.languages import Language
from kunak.foundation.language.words import Words, words_in


async def connected(session: AsyncSession, bot_id: int) -> None:
    """Have Telegram told of the commands of a bot that was connected just now."""
    await enqueue(session, [TellCommands(bot_id)], once=True)


async def tell_where_changed(session: AsyncSession) -> None:
    """Have Telegram told wherever it knows other commands than these."""
    changed = await searches.list_bots_told_otherwise(session, fingerprint())
    await enqueue(session, [TellCommands(bot_id) for bot_id in changed], once=True)


def list_commands() -> list[dict[str, Any]]:
    """The parameters of `setMyCommands`, for each language and for all others."""
    other = {"commands": _commands(words_in(Language.ENGLISH))}
    return [
        other,
        *({"commands": _commands(words_in(language)), "language_code": language.value} for language in Language),
    ]


def fingerprint() -> str:
    return hashlib.sha256(orjson.dumps(list_commands())).hexdigest()


def _commands(words: Words) -> list[dict[str, str]]:
    described = {
        "ask": words.gettext("ask a question"),
        "digest": words.gettext("what is new today, or: week, month"),
        "search": words.gettext("look something up"),
        "refresh": words.gettext("begin anew, without what was said before"),
        "stop": words.gettext("end the answer that is being written"),
        "language": words.gettext("choose the language I speak"),
        "usage": words.gettext("what you have used of the language model"),
        "mydata": words.gettext("get everything I remember of you"),
        "forget": words.gettext("erase what I remember of our conversation"),
        "help": words.gettext("what I can do"),
    }
    return [{"command": name, "description": description} for name, description in described.items()]
