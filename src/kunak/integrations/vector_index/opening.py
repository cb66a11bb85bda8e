"""Opens the vector index that an installation chose. Its client is an extra: nobody pays for it who does not use it."""

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.vector_index.interface import VectorIndex


def open_vector_index(url: str, api_key: str | None) -> VectorIndex:
    """Nothing is asked of the server yet. Imports for a second, the first time.

    Raises:
        InvalidInputError: the address is none, or the client is not installed.
    """
    try:
        from kunak.integrations.vector_index.qdrant import QdrantAccess, open_qdrant  # noqa: PLC0415  an extra
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("kunak"):
            raise
        raise InvalidInputError(
            "QDRANT_URL is set, but Qdrant's client is not installed; `make qdrant` installs it"
            " (without make: `.venv/bin/pip install '.[qdrant]'` in Kunak's folder)."
        ) from None
    return open_qdrant(QdrantAccess(url, api_key))
