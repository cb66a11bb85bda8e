"""What an answer of a model may cost, what it did cost, and what the person is told of that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from kunak.features.conversations.schemas import Generation, Spoken
from kunak.features.conversations.service.generate import Asked, Generated
from kunak.features.conversations.service.look import Ears, Library
from kunak.features.language_models import service as language_models
from kunak.features.language_models.schemas import Allowed, Per, Reason, Refused, Spender, Tokens
from kunak.features.language_models.service import Meter
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.attachments import Attachment
from kunak.integrations.telegram.incoming import IncomingMessage

_ANSWER, _VOICE = "answer", "voice"
_CHARACTERS_A_TOKEN = 3
_PROMPT, _PICTURE, _USUAL_ANSWER = 700, 1_000, 800
"""Tokens of what is always added, of a picture, and of an answer of middle length: held only until they are known."""
_BYTES_A_SECOND = 4_000
"""Of a voice message, for recordings whose length nobody tells."""


class Silence(StrEnum):
    """Why a model that was asked says nothing that can be shown."""

    AWAY = "away"
    DECLINED = "declined"
    """It, or a filter before it, does not answer such a thing."""
    TOO_LONG = "too_long"
    """It cannot take in the question, not even with as little around it as can be."""


def spender_of(bot_id: int, message: IncomingMessage) -> Spender:
    """Who asks, and in which group."""
    if message.is_private:
        return Spender(bot_id, None, message.sender_id or message.chat_id)
    return Spender(bot_id, message.chat_id, message.sender_id)


async def ask_leave(library: Library, spoken: Spoken, asked: Asked) -> Allowed | Refused:
    """Leave to ask a model this, or why there is none."""
    spender = spender_of(spoken.bot.id, spoken.message)
    return await language_models.allow(library.sessions, library.books, spender, _ANSWER, _guess(asked))


async def ask_leave_to_listen(library: Library, ears: Ears, spoken: Spoken, sound: Attachment) -> Allowed | Refused:
    """Leave to have a recording written down, or why there is none."""
    books = replace(library.books, provider=ears.provider, model=ears.model)
    length = sound.seconds or (sound.size or 0) // _BYTES_A_SECOND
    spender = spender_of(spoken.bot.id, spoken.message)
    return await language_models.allow(library.sessions, books, spender, _VOICE, Tokens(seconds=max(length, 1)))


def _guess(asked: Asked) -> Tokens:
    texts = [asked.question, *(each.text for each in asked.history), *(hit.text for _, hit in asked.passages)]
    pictures = len(asked.images) * _PICTURE
    return Tokens(sum(map(len, texts)) // _CHARACTERS_A_TOKEN + pictures + _PROMPT, 0, _USUAL_ANSWER)


def with_bill(generated: Generated, allowed: Allowed, meter: Meter) -> Generated:
    """With what it cost; of an answer that was stopped, about."""
    return replace(generated, record=replace(generated.record, bill=language_models.bill_of(allowed, meter)))


@asynccontextmanager
async def paid_if_lost(library: Library, record: Generation | None) -> AsyncIterator[None]:
    """Whatever ends the block before its time, what the model said until then is paid for."""
    try:
        yield
    except BaseException:
        if record is not None and record.bill is not None:
            await asyncio.shield(language_models.settle_at_once(library.sessions, record.bill))
        raise


def notices(record: Generation | None, words: Words) -> list[str]:
    """Which budgets of the person, or of their group, run low now: each is told once in its period."""
    low = record.bill.notices if record is not None and record.bill is not None else ()
    return [
        words.gettext(
            "More than four fifths of your budget for my language model (%(amount)s) are used. It begins anew on "
            "%(when)s.",
            amount=words.money(each.budget.amount, each.budget.currency),
            when=words.moment(each.resets_at),
        )
        if each.budget.per is Per.USER
        else words.gettext(
            "More than four fifths of the budget of this group for my language model (%(amount)s) are used. It begins "
            "anew on %(when)s.",
            amount=words.money(each.budget.amount, each.budget.currency),
            when=words.moment(each.resets_at),
        )
        for each in low
        if each.budget.per in (Per.USER, Per.CHAT)
    ]


def why_not(why: Refused | Silence, words: Words) -> str:
    """Why no model answers."""
    if why is Silence.DECLINED:
        return words.gettext("My language model would not answer this.")
    if why is Silence.TOO_LONG:
        return words.gettext(
            "My language model cannot take in so much at once, even without what we said before. A shorter question "
            "may help."
        )
    if why is Silence.AWAY or why.budget is None or why.resets_at is None:
        return words.gettext("My language model is away just now.")
    return _why_refused(why.reason, why.budget.per, why.resets_at, words)


def _why_refused(reason: Reason, per: Per, resets_at: datetime, words: Words) -> str:
    if reason is Reason.OFF:
        return words.gettext("My language model is not used here.")
    when = words.moment(resets_at)
    if per is Per.USER:
        return words.gettext("Your budget for my language model is used up; it begins anew on %(when)s.", when=when)
    if per is Per.CHAT:
        return words.gettext(
            "The budget of this group for my language model is used up; it begins anew on %(when)s.", when=when
        )
    return words.gettext("My budget for the language model is used up; it begins anew on %(when)s.", when=when)
