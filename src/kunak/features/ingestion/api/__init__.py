"""Sources over HTTP, and vectors of texts."""

from kunak.features.ingestion.api.embed import embed_api
from kunak.features.ingestion.api.routes import LookAt, sources_api

__all__ = ["LookAt", "embed_api", "sources_api"]
