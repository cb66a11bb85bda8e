"""`kunak model list`: what the providers of the settings offer now; nothing is built in."""

from collections.abc import Sequence
from dataclasses import dataclass

from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.interface import Model
from kunak.integrations.language_model.providers import Provider
from kunak.processes.language_model import open_providers


@dataclass(frozen=True)
class Offer:
    """The models of one provider, by name, and the one that is in use; `trouble`: why they are not known."""

    provider: str
    in_use: str
    models: Sequence[Model] = ()
    trouble: str = ""


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


async def _offer_of(provider: Provider) -> Offer:
    name, in_use = provider.access.name, provider.access.model
    try:
        offered = await provider.client.list_models()
    except LanguageModelError as error:
        return Offer(name, in_use, trouble=str(error))
    return Offer(name, in_use, sorted(offered, key=lambda model: model.id))
