"""Search, suggestions and questions over HTTP."""

from kunak.features.search.api.routes import search_api

__all__ = ["search_api"]
