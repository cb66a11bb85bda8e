"""The language models of the settings. None configured is a normal state: answers are then quotes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from kunak.features.language_models.schemas import Bookkeeping
from kunak.foundation.errors import InvalidInputError
from kunak.foundation.settings import Settings
from kunak.integrations.circuit_breaker import Clock
from kunak.integrations.language_model.access import ModelProtocol, ProviderAccess
from kunak.integrations.language_model.connect import connect
from kunak.integrations.language_model.interface import Timeouts
from kunak.integrations.language_model.providers import OnBlocked, OnMended, Provider, Providers, tell_nobody

OPENAI = "https://api.openai.com/v1"
_SUFFIXES = ("", "_2", "_3")
_ENDS = ("/responses", "/chat/completions", "/models")


def open_providers(
    settings: Settings,
    *,
    on_blocked: OnBlocked = tell_nobody,
    on_mended: OnMended = tell_nobody,
    clock: Clock = time.monotonic,
) -> Providers | None:
    """All that are configured, in their order; to be closed at the end. None when there are none.

    Raises:
        InvalidInputError: a setting is wrong; the sentence names it.
    """
    accesses = read_providers(settings)
    if not accesses:
        return None
    chain = [Provider(access, connect(access)) for access in accesses]
    return Providers(chain, clock=clock, on_blocked=on_blocked, on_mended=on_mended)


def bookkeeping(settings: Settings) -> Bookkeeping:
    """Whom a call is put down to, before it is known who answers; and where the day begins."""
    first = next(iter(read_providers(settings)), None)
    zone = ZoneInfo(settings.time_zone)
    return Bookkeeping(zone=zone) if first is None else Bookkeeping(first.name, first.model, zone)


def read_providers(settings: Settings) -> list[ProviderAccess]:
    """How each provider is reached.

    Raises:
        InvalidInputError: a setting is wrong; the sentence names it.
    """
    return list(_name_apart(_read_all(settings)))


def _read_all(settings: Settings) -> Iterator[ProviderAccess]:
    timeouts = Timeouts(first_token=settings.model_first_token_s, total=settings.model_answer_s)
    images = {"true": True, "false": False}.get(settings.model_images)
    for suffix in _SUFFIXES:
        url, key, name = (_given(settings, f"model_{what}{suffix}") for what in ("url", "key", "name"))
        if not (url or key or name):
            continue
        variable = f"KUNAK_MODEL_{{}}{suffix}"
        if not name:
            raise InvalidInputError(f"{variable.format('NAME')} is missing: which model is to answer?")
        base = _base(url or OPENAI, variable.format("URL"))
        if base == OPENAI and not key:
            raise InvalidInputError(f"{variable.format('KEY')} is missing: OpenAI answers nobody without a key.")
        if key and "@" in urlsplit(base).netloc:
            raise InvalidInputError(f"{variable.format('URL')} holds a password, and there is a key too: give one.")
        protocol = getattr(settings, f"model_protocol{suffix}") or ("responses" if base == OPENAI else "chat")
        yield ProviderAccess(_host(base), base, name, ModelProtocol(protocol), key, timeouts, images)


def _given(settings: Settings, field: str) -> str:
    value = getattr(settings, field)
    return (value.get_secret_value() if isinstance(value, SecretStr) else value or "").strip()


def _base(url: str, variable: str) -> str:
    """The address without what people paste along with it; `/v1` where no path is given.

    Raises:
        InvalidInputError: it is no address.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        known = False
    if not known:
        # Not repeated: an address may hold a password.
        raise InvalidInputError(f"{variable} is not an address such as {OPENAI} or http://localhost:11434/v1.")
    base = url.rstrip("/")
    for end in _ENDS:
        base = base.removesuffix(end)
    return base if urlsplit(base).path else f"{base}/v1"


def _host(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _name_apart(accesses: Iterator[ProviderAccess]) -> Iterator[ProviderAccess]:
    """Two models of one provider are two providers to us."""
    seen: dict[str, int] = {}
    for access in accesses:
        seen[access.name] = number = seen.get(access.name, 0) + 1
        yield access if number == 1 else replace(access, name=f"{access.name} ({number})")
