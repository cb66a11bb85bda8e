"""The one place where a model is asked during a turn; no failure of a model ends the turn."""

import asyncio
import logging
from dataclasses import replace

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.generate import Asked, Generated, Told, generate
from kunak.features.conversations.service.listen import Heard, listen
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.spend import Silence, ask_leave, with_bill
from kunak.features.conversations.service.unfinished import Unfinished
from kunak.features.language_models.schemas import Refused
from kunak.features.language_models.service import Meter, close_books
from kunak.integrations.language_model.errors import AnswerWithheldError, ImagesRefusedError, LanguageModelError
from kunak.integrations.language_model.interface import LanguageModel, Request

log = logging.getLogger(__name__)


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

    async def hear(request: Request, told: Told) -> Heard:
        return await listen(library.stage, meter, spoken, request, Unfinished(asked, told).text)

    try:
        return with_bill(await generate(library.sessions, hear, spoken, asked), allowed, meter)
    except LanguageModelError as error:
        log.warning("conversations: no answer of a model: %s", error)
        await asyncio.shield(close_books(library.sessions, allowed, meter))
        if isinstance(error, ImagesRefusedError):
            raise
        return Silence.DECLINED if isinstance(error, AnswerWithheldError) else Silence.AWAY
    except BaseException:  # what was said until then is paid for, whoever ended it
        await asyncio.shield(close_books(library.sessions, allowed, meter))
        raise
