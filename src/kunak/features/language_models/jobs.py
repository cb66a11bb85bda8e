"""The daily look at what providers say of the models in use, and the books of what they cost."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from kunak.features.language_models.schemas import Bookkeeping, ForgetSpenders, SettleLostCalls, Sunset, WatchModels
from kunak.features.language_models.service import alert_of_sunsets, list_chosen, settle_lost, take_names_off
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.jobs.worker import Handlers
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.providers import Providers

log = logging.getLogger(__name__)


def _today() -> date:
    return now().date()


@dataclass(frozen=True)
class LanguageModelJobs:
    """The handlers, with what they work on. `providers`: None when none is configured."""

    sessions: Sessions
    providers: Providers | None
    today: Callable[[], date] = _today
    books: Bookkeeping = field(default_factory=Bookkeeping)
    keep_days: int = 180

    def register(self, handlers: Handlers) -> None:
        handlers.add(WatchModels, self.watch_models)
        handlers.add(SettleLostCalls, self.settle_lost_calls)
        handlers.add(ForgetSpenders, self.forget_spenders)
        handlers.repeat("41 6 * * *", WatchModels())
        handlers.repeat("*/5 * * * *", SettleLostCalls())
        handlers.repeat("31 3 * * *", ForgetSpenders())

    async def watch_models(self, _: WatchModels) -> None:
        """One that does not answer is asked again tomorrow."""
        async with self.sessions() as session:
            chosen = await list_chosen(session)
        sunsets = [sunset async for sunset in self._find_sunsets(chosen)]
        async with self.sessions.begin() as session:
            await alert_of_sunsets(session, sunsets, today=self.today())

    async def _find_sunsets(self, chosen: Mapping[str, Sequence[str]]) -> AsyncIterator[Sunset]:
        """`chosen`: by bots, of the first provider."""
        for place, provider in enumerate(self.providers.all if self.providers is not None else ()):
            try:
                listed = await provider.client.list_models()
            except LanguageModelError as error:
                log.warning("language models: %s does not list its models: %s", provider.access.name, error)
                continue
            by_bots = chosen if place == 0 else {}
            for model in listed:
                bots, is_set = by_bots.get(model.id, ()), model.id == provider.access.model
                if (bots or is_set) and model.shutdown_date is not None:
                    yield Sunset(provider.access.name, model.id, model.shutdown_date, bots, is_set=is_set)

    async def settle_lost_calls(self, _: SettleLostCalls) -> None:
        async with self.sessions.begin() as session:
            lost = await settle_lost(session)
        if lost:
            log.info("language models: the end of %d calls was never told", lost)

    async def forget_spenders(self, _: ForgetSpenders) -> None:
        async with self.sessions.begin() as session:
            await take_names_off(session, self.books, older_than=timedelta(days=self.keep_days))
