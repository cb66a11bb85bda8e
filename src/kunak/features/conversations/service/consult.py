"""The one place where a model is asked during a turn; no failure of a model ends the turn."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.generate import Asked, Generated, Told, generate, shortened
from kunak.features.conversations.service.listen import Heard, listen
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.spend import Silence, ask_leave, with_bill
from kunak.features.conversations.service.unfinished import Unfinished
from kunak.features.language_models.schemas import Refused
from kunak.features.language_models.service import Meter, close_books
from kunak.features.messaging import service as messaging
from kunak.integrations.language_model.errors import (
    AnswerWithheldError,
    ContextTooLongError,
    ImagesRefusedError,
    LanguageModelError,
)
from kunak.integrations.language_model.interface import LanguageModel, Request

log = logging.getLogger(__name__)

_ONCE = timedelta(days=32)


async def consult(
    library: Library, model: LanguageModel, spoken: Spoken, asked: Asked
) -> Generated | Refused | Silence:
    """What the model said; why it may not be asked, or says nothing.

    Raises:
        ImagesRefusedError: there are pictures, and it does not look at any.
    """
    allowed = await ask_leave(library, spoken, asked)
    if isinstance(allowed, Refused):
        return allowed
    meter, asked = Meter(model), replace(asked, model=allowed.model)
    try:
        return with_bill(await _ask(library, meter, spoken, asked), allowed, meter)
    except LanguageModelError as error:
        log.warning("conversations: no answer of a model: %s", error)
        await asyncio.shield(close_books(library.sessions, allowed, meter))
        if isinstance(error, ImagesRefusedError):
            raise
        return _silence(error)
    except BaseException:  # what was said until then is paid for, whoever ended it
        await asyncio.shield(close_books(library.sessions, allowed, meter))
        raise


async def _ask(library: Library, meter: Meter, spoken: Spoken, asked: Asked) -> Generated:
    """What is too long for the model is asked again, shorter, as long as that costs nothing.

    Raises:
        LanguageModelError: there is no answer.
    """

    async def hear(request: Request, told: Told) -> Heard:
        return await listen(library.stage, meter, spoken, request, Unfinished(asked, told).text)

    try:
        return await generate(library.sessions, hear, spoken, asked)
    except ContextTooLongError as error:
        await _tell_admins(library, error)
        shorter = shortened(asked)
        if shorter is None or not meter.was_free:
            raise
    return await _ask(library, meter, spoken, shorter)


async def _tell_admins(library: Library, error: ContextTooLongError) -> None:
    """They alone can give it more room, or have less remembered from the start."""
    words = (
        f"Questions are too long for the language model, so that earlier messages are left out. {error} Give the model "
        f"a longer context, or set KUNAK_MODEL_HISTORY_TOKENS (now {library.history_tokens}) lower."
    )
    async with library.sessions.begin() as session:
        await messaging.raise_alert(session, "model-context", words, window=_ONCE)


def _silence(error: LanguageModelError) -> Silence:
    if isinstance(error, AnswerWithheldError):
        return Silence.DECLINED
    return Silence.TOO_LONG if isinstance(error, ContextTooLongError) else Silence.AWAY
