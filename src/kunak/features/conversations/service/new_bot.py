"""A person makes a bot with ours: Telegram asks them for its name, and gives us its token."""

import logging

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot, BotState, Makers
from kunak.features.bots.service import Doors, KnownBot
from kunak.features.conversations.reply import content, to_says
from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.look import Library
from kunak.features.messaging.schemas import Reply, Say
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.language.words import Words, words_for
from kunak.integrations.telegram.incoming import IncomingManagedBot
from kunak.integrations.telegram.interface import TelegramRefusedError
from kunak.integrations.telegram.markdown import Links, from_markdown
from kunak.integrations.telegram.text import FormattedText

log = logging.getLogger(__name__)


def offer_new_bot(spoken: Spoken, makers: Makers) -> Reply:
    """The button that has Telegram ask for the name of the new bot."""
    words, message = spoken.words, spoken.message
    if not message.is_private:
        said = words.gettext("This works only in a private chat with me.")
        return Reply(to_says(FormattedText().add(said), message))
    if not makers.include(message.chat_id, spoken.bot):
        return Reply(to_says(FormattedText().add(_may_not(words)), message))
    asks = words.gettext(
        "Press the button below and name your bot. I keep its token, and it answers at once; nothing is to be copied."
    )
    [say] = to_says(FormattedText().add(asks), message)
    button = {"text": words.gettext("Create a bot"), "request_managed_bot": {"request_id": 1}}
    keyboard = {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    return Reply([Say(say.method, say.params | {"reply_markup": keyboard})])


async def take_in(library: Library, doors: Doors, manager: KnownBot, made: IncomingManagedBot, makers: Makers) -> Reply:
    """A bot was made with ours, or has got another token.

    What we keep is written down together with the answer: a worker that dies before that fetches the token again.
    """
    async with library.reading() as session:
        known = await bots.find_by_telegram_id(session, made.bot_id)
    if not manager.bot.is_manager or library.telegram is None or not _concerns(manager.bot, known):
        return Reply()
    words = words_for(made.language_code)
    if known is None and not makers.include(made.person_id, manager.bot):
        return Reply(_says(made.person_id, _may_not(words)))
    try:
        fetched = await bots.fetch_managed(library.telegram, manager.access, made.bot_id)
    except (TelegramRefusedError, InvalidInputError) as error:
        log.warning("conversations: no token of the managed bot %d: %s", made.bot_id, error)
        return Reply(_says(made.person_id, words.gettext("Telegram did not give me this bot. Please try again.")))

    async def keep(session: AsyncSession) -> None:
        await bots.adopt(session, doors, manager.bot, fetched, actor=f"telegram:{made.person_id}")

    return Reply([] if known else _says(made.person_id, _ready(fetched.identity.username, words)), keep)


def _concerns(manager: Bot, known: Bot | None) -> bool:
    """Not one that a person has removed, nor one that lives on another server and is only numbered alike."""
    return known is None or (known.state is not BotState.REMOVED and known.api_base == manager.api_base)


def _ready(username: str, words: Words) -> str:
    """As Markdown."""
    return words.gettext(
        "@%(username)s is ready: https://t.me/%(username)s\n\nWrite to it. What it is told and what it may quote is "
        "set with `kunak bot`.",
        username=username,
    )


def _may_not(words: Words) -> str:
    return words.gettext("Only those who run me may create bots with me.")


def _says(chat_id: int, markdown: str) -> list[Say]:
    said = content(from_markdown(markdown, Links(known=markdown)))
    return [Say("sendMessage", {"chat_id": chat_id, "reply_markup": {"remove_keyboard": True}} | said)]
