"""The client for a provider, by the protocol it understands."""

from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.chat_completions import ChatDialect
from kunak.integrations.language_model.client import HttpLanguageModel
from kunak.integrations.language_model.responses import ResponsesDialect


def connect(access: ProviderAccess) -> HttpLanguageModel:
    """A client; its first request opens the first connection."""
    dialect = ResponsesDialect() if access.protocol is ModelProtocol.RESPONSES else ChatDialect()
    return HttpLanguageModel(access, dialect)
