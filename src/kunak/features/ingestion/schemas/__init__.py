"""The shapes that enter and leave ingestion."""

from kunak.features.ingestion.schemas.documents import BadLine, Batch, NewDocument, Sameness, Stored
from kunak.features.ingestion.schemas.posts import Contents, LinkPreview, Media, Post, Preview, Step
from kunak.features.ingestion.schemas.reading import (
    Outcome,
    PruneDocuments,
    Reading,
    ReadSource,
    RemoveSource,
    WakeSources,
)
from kunak.features.ingestion.schemas.sources import (
    Counters,
    Failing,
    Health,
    NewSource,
    SiteMode,
    Source,
    SourceKind,
    SourceName,
    SourceOptions,
    SourceState,
    Wish,
)

__all__ = [
    "BadLine",
    "Batch",
    "Contents",
    "Counters",
    "Failing",
    "Health",
    "LinkPreview",
    "Media",
    "NewDocument",
    "NewSource",
    "Outcome",
    "Post",
    "Preview",
    "PruneDocuments",
    "ReadSource",
    "Reading",
    "RemoveSource",
    "Sameness",
    "SiteMode",
    "Source",
    "SourceKind",
    "SourceName",
    "SourceOptions",
    "SourceState",
    "Step",
    "Stored",
    "WakeSources",
    "Wish",
]
