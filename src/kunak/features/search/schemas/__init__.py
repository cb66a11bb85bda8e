"""The shapes that enter and leave search."""

from kunak.features.search.schemas.answers import Answer, Citation, Digest, Gap, Lead, Mode, Page, Span, Story
from kunak.features.search.schemas.entries import Entry, Filters, Retelling, Telling
from kunak.features.search.schemas.found import Correction, EmbedsQueries, Equipment, FindsNear, Found, Hit, Suggestion
from kunak.features.search.schemas.vectors import (
    VECTORS,
    CopyProgress,
    CopyState,
    EmbedderCheck,
    EmbedEntries,
    FollowVectors,
    MadeQuestion,
    PassageKey,
    VectorState,
    Way,
)

__all__ = [
    "VECTORS",
    "Answer",
    "Citation",
    "CopyProgress",
    "CopyState",
    "Correction",
    "Digest",
    "EmbedEntries",
    "EmbedderCheck",
    "EmbedsQueries",
    "Entry",
    "Equipment",
    "Filters",
    "FindsNear",
    "FollowVectors",
    "Found",
    "Gap",
    "Hit",
    "Lead",
    "MadeQuestion",
    "Mode",
    "Page",
    "PassageKey",
    "Retelling",
    "Span",
    "Story",
    "Suggestion",
    "Telling",
    "VectorState",
    "Way",
]
