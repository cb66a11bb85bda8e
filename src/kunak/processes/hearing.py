"""Who writes down voice messages. None configured is a normal state: people are then asked to write."""

from kunak.features.conversations.service import Ears
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.model_endpoint.client import JsonEndpoint
from kunak.integrations.transcription.openai_compatible import OpenAICompatibleTranscriber, address


def open_ears(settings: Settings) -> Ears | None:
    """To be closed at the end.

    Raises:
        InvalidInputError: the settings do not go together; the sentence names them.
    """
    if not settings.transcription_url:
        if settings.transcription_model or settings.transcription_key:
            raise InvalidInputError("KUNAK_TRANSCRIPTION_URL is missing: which server is to write down what is said?")
        return None
    if not settings.transcription_model:
        raise InvalidInputError("KUNAK_TRANSCRIPTION_URL is set, so KUNAK_TRANSCRIPTION_MODEL must name the model.")
    key = settings.transcription_key
    try:
        endpoint = JsonEndpoint(
            address(settings.transcription_url),
            key=key.get_secret_value() if key else None,
            timeout_s=settings.transcription_timeout_s,
        )
    except InvalidInputError as error:
        raise InvalidInputError(f"KUNAK_TRANSCRIPTION_URL, KUNAK_TRANSCRIPTION_KEY: {error}") from None
    transcriber = OpenAICompatibleTranscriber(endpoint, settings.transcription_model)
    return Ears(transcriber, endpoint.host, settings.transcription_model, settings.transcription_longest_s)
