"""Qdrant's ways to fail, in ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import orjson
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from kunak.foundation.errors import KunakError
from kunak.integrations.vector_index.interface import (
    CollectionMissingError,
    IndexKeyRefusedError,
    IndexRefusedError,
    IndexUnavailableError,
)

_MOST_WORDS = 300


@contextmanager
def own_errors(address: str, secret: str | None) -> Iterator[None]:
    """Turn what the client raises into errors of ours. None is chained to the client's: it holds request and answer."""
    try:
        yield
    except ResourceExhaustedResponse as error:
        raise IndexUnavailableError(f"Qdrant at {address} is overloaded.", retry_after=error.retry_after_s) from None
    except UnexpectedResponse as error:
        raise _refusal(address, error, secret) from None
    except ResponseHandlingException as error:
        raise IndexUnavailableError(_lost(address, error.source)) from None
    # The client lets through what it cannot read: a Retry-After that is a date, a body not of JSON, a result of null.
    except (QdrantException, ValueError, AssertionError) as error:
        raise IndexUnavailableError(_lost(address, error)) from None


def _lost(address: str, error: Exception) -> str:
    return f"Qdrant at {address} does not answer as it should ({type(error).__name__})."


def _refusal(address: str, error: UnexpectedResponse, secret: str | None) -> KunakError:
    status = error.status_code or 0
    words = _words(error.content, secret)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return IndexKeyRefusedError(
            f"Qdrant at {address} refuses our key; put one that may read and write into KUNAK_QDRANT_API_KEY."
        )
    if status == HTTPStatus.NOT_FOUND and "doesn't exist" in words:
        return CollectionMissingError()
    if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS) or not 400 <= status < 500:  # noqa: PLR2004  refusals
        return IndexUnavailableError(f"Qdrant at {address} answers {status}: {words}")
    return IndexRefusedError(f"Qdrant at {address} refuses this ({status}): {words}")


def _words(body: bytes, secret: str | None) -> str:
    """What the server said, of one line, and without the key if it repeats it."""
    try:
        said = orjson.loads(body)["status"]["error"]
    except (ValueError, KeyError, TypeError):
        said = body.decode(errors="replace")
    told = " ".join(str(said).split())
    return (told.replace(secret, "***") if secret else told)[:_MOST_WORDS] or "nothing"
