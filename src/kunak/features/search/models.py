"""The index: passages, their words, and how common each word is."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Computed,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Label,
    SmallInteger,
    Text,
    TextClause,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from kunak.foundation.db.base import Base
from kunak.foundation.db.half_vector import HalfVector


def _folded(column: str) -> str:
    return f"replace(lower({column}), 'ё', 'е')"


def _given(name: str, *columns: str | TextClause) -> Index:
    """An index over the entries that say something in the column `name`."""
    return Index(f"search_entries_{name}_idx", *columns, postgresql_where=text(f"{name} IS NOT NULL"))


_FIRST = text("passage = 0")
_TITLE_BEGINNING: Label[str] = literal_column(f"left({_folded('title')}, 100)").label("title")
_TITLE: Label[str] = literal_column(_folded("title")).label("title")


class SearchEntry(Base):
    """One passage of a thing that can be found, with all that is shown of it."""

    __tablename__ = "search_entries"
    __table_args__ = (
        UniqueConstraint("kind", "thing_id", "passage"),
        Index("search_entries_language_idx", "language"),
        _given("published_at", "published_at"),
        _given("source", "source", "published_at"),
        _given("place", text(_folded("place"))),
        _given("category", "category", "price"),
        _given("price", "price"),
        _given("story_id", "story_id"),
        Index(
            "search_entries_title_idx",
            _TITLE_BEGINNING,
            postgresql_ops={"title": "text_pattern_ops"},
            postgresql_where=_FIRST,
        ),
        Index(
            "search_entries_title_trigrams_idx",
            _TITLE,
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},
            postgresql_where=_FIRST,
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    thing_id: Mapped[int]
    passage: Mapped[int] = mapped_column(Integer)
    reference: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    source: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    price: Mapped[int | None]
    category: Mapped[str | None] = mapped_column(Text)
    story_id: Mapped[int | None]
    marks: Mapped[list[int] | None] = mapped_column(
        ARRAY(Integer), Computed("search_marks(passage, text)", persisted=True)
    )
    """Of the first passage: the longest stems of its beginning, by which posts of one event are known."""


class SearchTelling(Base):
    """Who else says what a thing says, in the same words."""

    __tablename__ = "search_tellings"
    __table_args__ = (Index("search_tellings_source_idx", "source"),)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    thing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]


class SearchWords(Base):
    """The words of an entry, apart from it: ranking reads thousands of these rows and must not drag the texts along.

    The words of the title stand in it twice. `length` counts words with repetition.
    """

    __tablename__ = "search_words"
    __table_args__ = (
        Index("search_words_words_idx", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("search_entries.id", ondelete="CASCADE"), primary_key=True)
    length: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(TSVECTOR)


class SearchLexeme(Base):
    """In how many entries a lexeme stood when the lexicon was last refreshed."""

    __tablename__ = "search_lexicon"

    lexeme: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    entries: Mapped[int] = mapped_column(Integer)


class SearchCorpus(Base):
    """One row: the size of the index when the lexicon was last refreshed."""

    __tablename__ = "search_corpus"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    entries: Mapped[int]
    average_length: Mapped[float] = mapped_column(Double)


class SearchRebuilding(Base):
    """How far the rebuilding of a kind's entries has come; a row is there while it goes on."""

    __tablename__ = "search_rebuilding"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    done_to: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())


class EmbeddingModel(Base):
    """A model that vectors were made with. New entries get theirs from the current one, when there is one."""

    __tablename__ = "embedding_models"
    __table_args__ = (
        Index("embedding_models_is_current_idx", "is_current", unique=True, postgresql_where=text("is_current")),
    )

    id: Mapped[int] = mapped_column(SmallInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    dimensions: Mapped[int] = mapped_column(Integer)
    is_current: Mapped[bool] = mapped_column(server_default=text("false"))
    checked_vectors: Mapped[int | None]
    """How many vectors there were when it was last checked."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SearchVector(Base):
    """What an entry means, as a model sees it. Of unit length, in half precision."""

    __tablename__ = "search_vectors"

    entry_id: Mapped[int] = mapped_column(ForeignKey("search_entries.id", ondelete="CASCADE"), primary_key=True)
    model_id: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("embedding_models.id", ondelete="CASCADE"), primary_key=True
    )
    embedding: Mapped[str] = mapped_column(HalfVector)


class AwaitedVector(Base):
    """An entry that the current model has not seen yet."""

    __tablename__ = "search_awaited_vectors"

    entry_id: Mapped[int] = mapped_column(ForeignKey("search_entries.id", ondelete="CASCADE"), primary_key=True)


class EmbeddingCheck(Base):
    """How well a model's vectors find what is known to be right, in one language; nDCG@10, 0 to 1."""

    __tablename__ = "embedding_checks"

    model_id: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("embedding_models.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    is_helpful: Mapped[bool]
    questions: Mapped[int] = mapped_column(Integer)
    lexical_ndcg: Mapped[float] = mapped_column(Double)
    vector_ndcg: Mapped[float] = mapped_column(Double)
    hybrid_ndcg: Mapped[float] = mapped_column(Double)
    near: Mapped[float] = mapped_column(Double)
    """The similarity from which on a passage is near for sure."""
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())


class VectorCopy(Base):
    """The copy of a model's vectors in another index, which is thrown away when the model is no longer there."""

    __tablename__ = "vector_copies"
    __table_args__ = (CheckConstraint("state IN ('filling', 'serving', 'leaving')", name="state"),)

    model_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(Text)
    dimensions: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    done_to: Mapped[int] = mapped_column(server_default=text("0"))
    lease: Mapped[str | None] = mapped_column(Text)
    leased_until: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)


class VectorChange(Base):
    """An entry whose copy may be out of date. Written by triggers, so that nothing escapes."""

    __tablename__ = "vector_changes"
    __table_args__ = (Index("vector_changes_model_id_idx", "model_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    model_id: Mapped[int] = mapped_column(SmallInteger)
    entry_id: Mapped[int]


class SearchGap(Base):
    """A question that nothing was found for. Who asked is not kept."""

    __tablename__ = "search_gaps"
    __table_args__ = (Index("search_gaps_times_idx", "times", "last_asked_at"),)

    question: Mapped[str] = mapped_column(Text, primary_key=True)
    as_asked: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    times: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    first_asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[datetime | None]


class SearchChange(Base):
    """A stamp that changes with the index: triggers of the tables above put a new one into any row that is free.

    Together they tell one state of the index from another.
    """

    __tablename__ = "search_changes"

    slot: Mapped[int] = mapped_column(Identity(), primary_key=True)
    stamp: Mapped[int]
