"""`kunak bot …`: the bots from the command line."""

from collections.abc import Sequence

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, TELEGRAM, Answers, Bot, UpdatesBy
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Source
from kunak.features.messaging import service as messaging
from kunak.foundation.errors import InvalidInputError
from kunak.integrations.telegram.interface import BotAccess
from kunak.processes.bootstrap import Kunak

ACTOR = "command line"


async def add_bot(kunak: Kunak, token: str, *, webhook: bool, in_sandbox: bool, api_base: str | None) -> Bot:
    """Ask Telegram whose token this is, and take the bot in.

    Raises:
        InvalidInputError: not a token, or a webhook without KUNAK_PUBLIC_URL.
        KunakError: as the Bot API server answers.
    """
    doors = kunak.directory.doors
    base = doors.sandbox_base if in_sandbox else api_base or doors.api_base
    if base is None:
        raise InvalidInputError("The sandbox does not run; start `kunak up` first.")
    token = bots.check_token(token, base)
    if webhook and base.rstrip("/") == TELEGRAM and kunak.settings.public_url is None:
        raise InvalidInputError("A webhook needs KUNAK_PUBLIC_URL, the https address under which Telegram reaches us.")
    identity = await bots.identify(kunak.telegram, BotAccess(base, token))
    async with kunak.sessions.begin() as session:
        return await bots.save_bot(
            session,
            doors,
            token,
            identity,
            updates_by=UpdatesBy.WEBHOOK if webhook else UpdatesBy.POLLING,
            api_base=SANDBOX if in_sandbox else api_base,
            actor=ACTOR,
        )


async def list_bots(kunak: Kunak) -> list[Bot]:
    async with kunak.sessions() as session:
        return await bots.list_bots(session)


async def pause_bot(kunak: Kunak, name: str) -> Bot:
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        await bots.pause_bot(session, bot.id, reason="paused by the owner", actor=ACTOR)
        return bot


async def resume_bot(kunak: Kunak, name: str) -> Bot:
    """Answer again, beginning with what was parked."""
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        await messaging.resume_bot(session, bot.id, actor=ACTOR)
        return bot


async def choose_sources(kunak: Kunak, name: str, sources: Sequence[str]) -> tuple[Bot, list[Source] | None]:
    """Which sources the bot may quote, named by key, address or title; or `all`, or `none`.

    Raises:
        InvalidInputError: `all` or `none` beside another name.
        NotFoundError: there is no such source.
    """
    if {"all", "none"} & set(sources) and len(sources) > 1:
        raise InvalidInputError("Say all, or none, or name the sources; nothing was changed.")
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        names = [] if sources == ("none",) else sources
        chosen = None if sources == ("all",) else [await ingestion.find_source(session, each) for each in names]
        keys = None if chosen is None else [each.key for each in chosen]
        await bots.choose_sources(session, bot.id, keys, actor=ACTOR)
        return bot, chosen


async def list_sources_of(kunak: Kunak, name: str) -> tuple[Bot, dict[str, str]]:
    """The bot, and what people call the sources it may quote, by key."""
    async with kunak.sessions() as session:
        bot = await bots.find_bot(session, name)
        titles = await ingestion.get_source_titles(session, bot.sources or ())
        return bot, {key: titles.get(key, key) for key in bot.sources or ()}


async def set_answers(kunak: Kunak, name: str, answers: str) -> Bot:
    """`answers`: one of `Answers`."""
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        await bots.set_answers(session, bot.id, Answers(answers), actor=ACTOR)
        return bot


async def find_bot(kunak: Kunak, name: str) -> Bot:
    async with kunak.sessions() as session:
        return await bots.find_bot(session, name)


async def remove_bot(kunak: Kunak, name: str) -> Bot:
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        await bots.remove_bot(session, bot.id, actor=ACTOR)
        return bot
