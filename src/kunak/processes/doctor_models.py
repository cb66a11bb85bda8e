"""What answers and search are made with besides the database, as `kunak doctor` sees it."""

from collections.abc import Mapping, Sequence

from kunak.foundation.errors import KunakError, RetryableError
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.providers import Provider
from kunak.processes.equipment import open_embedder, open_reranker, open_vector_index
from kunak.processes.findings import Finding, State
from kunak.processes.hearing import open_ears
from kunak.processes.language_model import open_providers


async def examine_search(settings: Settings) -> list[Finding]:
    """Nothing for what is not configured."""
    return [
        *await _examine_embedder(settings),
        *await _examine_reranker(settings),
        *await _examine_vector_index(settings),
    ]


async def examine_models(settings: Settings, chosen: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Who puts answers into words, and who listens. `chosen`: the models that bots chose, each with the bots."""
    return [*await _examine_providers(settings, chosen), *_examine_hearing(settings)]


async def _examine_providers(settings: Settings, chosen: Mapping[str, Sequence[str]]) -> list[Finding]:
    """A line a provider; whether it answers is asked of its list of models, which costs nothing."""
    try:
        providers = open_providers(settings)
    except KunakError as error:
        return [Finding("Language model", State.FAULT, str(error))]
    if providers is None:
        return [Finding("Language model", State.OK, "none configured: answers are quotes from what was read")]
    try:
        first, *others = providers.all
        return [
            await _examine_provider(first, chosen),
            *[await _examine_provider(provider, {}) for provider in others],
        ]
    finally:
        await providers.close()


async def _examine_provider(provider: Provider, chosen: Mapping[str, Sequence[str]]) -> Finding:
    asked = f"{provider.access.model} of {provider.access.name}, by {provider.access.protocol}"
    try:
        known = {model.id: model for model in await provider.client.list_models()}
    except LanguageModelError as error:
        return Finding("Language model", State.NOTE, f"{asked}: {error}")
    used = {provider.access.model: "this model"} | {
        name: f"{name} (chosen for {', '.join(bots)})" for name, bots in chosen.items()
    }
    unlisted = [words for name, words in used.items() if name not in known]
    notes = [f"it answers, and does not list {', '.join(unlisted)}"] if unlisted else []
    notes += [
        f"{words} is shut down on {known[name].shutdown_date}"
        for name, words in used.items()
        if name in known and known[name].shutdown_date
    ]
    return Finding("Language model", State.NOTE if notes else State.OK, "; ".join([asked, *notes]))


def _examine_hearing(settings: Settings) -> list[Finding]:
    """Only its settings: to ask it costs money."""
    try:
        ears = open_ears(settings)
    except KunakError as error:
        return [Finding("Voice", State.FAULT, str(error))]
    return [] if ears is None else [Finding("Voice", State.OK, f"{settings.transcription_model} is configured")]


async def _examine_embedder(settings: Settings) -> list[Finding]:
    """Asked for one vector. Search goes on by words while it is away, so that is no fault; a wrong setting is one."""
    try:
        async with open_embedder(settings) as embedder:
            if embedder is None:
                return []
            dimensions = len(await embedder.embed_query("?"))
    except RetryableError as error:
        return [Finding("Embedder", State.NOTE, f"{error} Search goes on by words alone.")]
    except KunakError as error:
        return [Finding("Embedder", State.FAULT, str(error))]
    return [Finding("Embedder", State.OK, f"{embedder.model} answers with {dimensions} dimensions")]


async def _examine_reranker(settings: Settings) -> list[Finding]:
    """Only its settings: to ask it costs money."""
    try:
        async with open_reranker(settings) as reranker:
            return [] if reranker is None else [Finding("Reranker", State.OK, f"{reranker.model} is configured")]
    except KunakError as error:
        return [Finding("Reranker", State.FAULT, str(error))]


async def _examine_vector_index(settings: Settings) -> list[Finding]:
    """Search goes on by words while it is away, so that is no fault; a wrong setting is one."""
    if not settings.qdrant_url:
        return []
    try:
        async with open_vector_index(settings) as index:
            if index is not None:
                await index.check()
    except RetryableError as error:
        return [Finding("Qdrant", State.NOTE, f"{error} Search goes on by words alone where it is used.")]
    except KunakError as error:
        return [Finding("Qdrant", State.FAULT, str(error))]
    return [Finding("Qdrant", State.OK, f"{settings.qdrant_url} answers")]
