"""Who knows the key of this installation may use what changes it."""

import hmac
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr
from starlette.exceptions import HTTPException

Gate = Callable[..., Any]
"""A dependency of routes: it raises HTTPException for who may not pass."""

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="ApiKey", description="The value of the setting `KUNAK_API_KEY` of this installation."
)


def key_gate(key: SecretStr | None) -> Gate:
    """Lets pass who brings the key as `Authorization: Bearer KEY`; without a key, or with a blank one, nobody."""
    known = key.get_secret_value().strip().encode() if key else b""
    return _KeyGate(known) if known else _stay_closed


class _KeyGate:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> None:
        if given is None or not hmac.compare_digest(given.credentials.encode(), self._key):
            sentence = "This needs the key of the setting KUNAK_API_KEY, as the header `Authorization: Bearer KEY`."
            raise HTTPException(HTTPStatus.UNAUTHORIZED, sentence, headers={"WWW-Authenticate": "Bearer"})


def _stay_closed() -> None:
    """Asks for no key, and says so in the description of the API: there is none that would open it."""
    sentence = "This is closed until a key is set: put a long random text into KUNAK_API_KEY and start again."
    raise HTTPException(HTTPStatus.FORBIDDEN, sentence)
