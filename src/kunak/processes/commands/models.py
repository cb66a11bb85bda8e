"""`kunak model list`: what the providers of the settings offer now; nothing is built in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kunak.features.language_models import service as models
from kunak.features.language_models.schemas import ModelChoice
from kunak.foundation.db.engine import Sessions
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.interface import Model
from kunak.integrations.language_model.providers import Provider, Providers
from kunak.processes.language_model import open_providers


@dataclass(frozen=True)
class Offer:
    """The models of one provider, by name; the one of the settings, and those that bots chose, each with the bots.

    `trouble`: why they are not known.
    """

    provider: str
    in_use: str
    models: Sequence[Model] = ()
    trouble: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)


async def list_offers(settings: Settings) -> list[Offer]:
    """Of each provider, in the order in which they are asked.

    Raises:
        InvalidInputError: none is configured, or a setting is wrong.
    """
    providers = open_providers(settings)
    if providers is None:
        raise InvalidInputError("No language model is configured: set KUNAK_MODEL_URL and KUNAK_MODEL_NAME.")
    try:
        return [await _offer_of(provider) for provider in providers.all]
    finally:
        await providers.close()


async def with_chosen(sessions: Sessions, offers: Sequence[Offer]) -> list[Offer]:
    """With the models that bots chose, which are those of the first provider."""
    async with sessions() as session:
        chosen = await models.list_chosen(session)
    return [replace(offers[0], chosen=chosen), *offers[1:]]


async def note_unlisted(providers: Providers | None, choice: ModelChoice) -> list[str]:
    """Which of the models the first provider does not list, a sentence each; nothing without a provider."""
    chosen = [name for name in (choice.model, choice.cheaper) if name]
    if providers is None or not chosen:
        return []
    offer = await _offer_of(providers.all[0])
    if offer.trouble:
        return [f"Whether {offer.provider} offers this is not known: {offer.trouble}"]
    listed = {each.id for each in offer.models}
    return [f"{offer.provider} does not list {name}." for name in chosen if name not in listed]


async def _offer_of(provider: Provider) -> Offer:
    name, in_use = provider.access.name, provider.access.model
    try:
        offered = await provider.client.list_models()
    except LanguageModelError as error:
        return Offer(name, in_use, trouble=str(error))
    return Offer(name, in_use, sorted(offered, key=lambda model: model.id))
