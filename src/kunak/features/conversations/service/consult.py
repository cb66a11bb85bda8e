"""The one place where a model is asked during a turn; no failure of a model ends the turn."""

import logging

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.generate import Asked, Generated, Told, generate
from kunak.features.conversations.service.listen import Heard, listen
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.unfinished import Unfinished
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.interface import LanguageModel, Request

log = logging.getLogger(__name__)


async def consult(library: Library, model: LanguageModel, spoken: Spoken, asked: Asked) -> Generated | None:
    """What the model said; None when it is away."""

    async def hear(request: Request, told: Told) -> Heard:
        return await listen(library.stage, model, spoken, request, Unfinished(asked, told).text)

    try:
        return await generate(library.sessions, hear, spoken, asked)
    except LanguageModelError as error:
        log.warning("conversations: no answer of a model: %s", error)
        return None
