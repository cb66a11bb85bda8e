"""A model's answer is heard as it comes: shown while it is written, and broken off when the person says so."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.draft import Drafts, Show, Written
from kunak.features.conversations.service.preview import Previews
from kunak.features.conversations.service.typing import typing
from kunak.features.messaging.service import Stops
from kunak.integrations.language_model.interface import Finished, LanguageModel, Request, complete
from kunak.integrations.telegram.text import FormattedText


@dataclass(frozen=True)
class Stage:
    """On which answers are written before the eyes of people, and who tells when they have seen enough."""

    drafts: Drafts
    previews: Previews
    stops: Stops

    def showing(
        self, spoken: Spoken, written: Written, show: Show, seen: asyncio.Event
    ) -> AbstractAsyncContextManager[None]:
        screen = self.drafts if spoken.message.is_private else self.previews
        return screen.showing(spoken, written, show, seen)


@dataclass(frozen=True)
class Heard:
    """What a model said; `finished` is None when the person stopped it, and `shown` is then what may be seen of it."""

    text: str
    finished: Finished | None
    shown: FormattedText = field(default_factory=FormattedText)


async def listen(stage: Stage | None, model: LanguageModel, spoken: Spoken, request: Request, show: Show) -> Heard:
    """
    Raises:
        LanguageModelError: there is no answer. What was shown of it is then taken back by what is said instead.
    """
    if spoken.stop_asked:
        return Heard("", None)
    written = Written()
    if stage is None:
        answer = await complete(model, request)
        return Heard(answer.text, answer.finished)
    finished: Finished | None = None
    seen = asyncio.Event()
    try:
        async with (
            asyncio.timeout(None) as limit,
            typing(stage.drafts.telegram, spoken, seen),
            stage.showing(spoken, written, show, seen),
        ):
            with _ending(stage.stops, spoken, limit):
                finished = (await complete(model, request, written.add)).finished
    except TimeoutError:
        if not limit.expired():
            raise
    return Heard(written.text, finished, show(written.text) if finished is None else FormattedText())


@contextmanager
def _ending(stops: Stops, spoken: Spoken, limit: asyncio.Timeout) -> Iterator[None]:
    """A time-out that comes at the word of the person: it hangs up on the model, and nothing else."""

    def end() -> None:
        if not limit.expired():
            limit.reschedule(asyncio.get_running_loop().time())

    with stops.watching(spoken.inbox_id, end):
        yield
