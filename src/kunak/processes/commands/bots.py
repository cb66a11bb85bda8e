"""`kunak bot …`: the bots from the command line."""

from collections.abc import Sequence

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, TELEGRAM, Answers, Bot, BotState, UpdatesBy
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import Source
from kunak.features.messaging import service as messaging
from kunak.foundation.errors import ConflictError, InvalidInputError
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


async def make_manager(kunak: Kunak, name: str, *, is_manager: bool) -> Bot:
    """Let people make bots with this one, or no longer.

    Raises:
        InvalidInputError: Telegram does not let it.
    """
    bot = await find_bot(kunak, name)
    if is_manager:
        await bots.check_manager(kunak.telegram, kunak.directory.doors.access(bot))
    async with kunak.sessions.begin() as session:
        await bots.make_manager(session, bot.id, is_manager=is_manager, actor=ACTOR)
    return bot


async def rotate_token(kunak: Kunak, name: str) -> Bot:
    """Have Telegram give a managed bot a new token.

    Broken off in between, the manager hears of the new token all the same, and fetches it.

    Raises:
        ConflictError: the bot was not made with a manager of ours, or that one is gone.
    """
    async with kunak.sessions() as session:
        bot = await bots.find_bot(session, name)
        manager = await bots.get_bot(session, bot.managed_by) if bot.managed_by is not None else None
    if manager is None or manager.state is BotState.REMOVED:
        raise ConflictError(
            f"@{bot.username} is not managed by a bot of ours. Revoke its token in @BotFather, then `kunak bot add`."
        )
    fetched = await bots.replace_managed(kunak.telegram, kunak.directory.doors.access(manager), bot.telegram_id)
    async with kunak.sessions.begin() as session:
        await bots.adopt(session, kunak.directory.doors, manager, fetched, actor=ACTOR)
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
