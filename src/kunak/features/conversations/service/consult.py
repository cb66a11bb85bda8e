"""The one place where a model is asked during a turn; no failure of a model ends the turn."""

import logging

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.generate import Asked, Generated, generate
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.typing import typing
from kunak.integrations.language_model.errors import ImagesRefusedError, LanguageModelError
from kunak.integrations.language_model.interface import LanguageModel

log = logging.getLogger(__name__)


async def consult(library: Library, model: LanguageModel, spoken: Spoken, asked: Asked) -> Generated | None:
    """What the model said; None when it is away.

    Raises:
        ImagesRefusedError: there are pictures, and it does not look at any.
    """
    try:
        async with typing(library.telegram, spoken):
            return await generate(library.sessions, model, spoken, asked)
    except ImagesRefusedError:
        raise
    except LanguageModelError as error:
        log.warning("conversations: no answer of a model: %s", error)
        return None
