"""Shows a story once: the best of its passages, and who else tells it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from kunak.features.search.fold import fold
from kunak.features.search.schemas import Hit, Telling

_SAME = 0.7
"""Part of its words that a passage may share with one already chosen."""
_FEWEST = 8
"""Different words; shorter texts are the same only when their words are."""
_LONGER = 3
"""Times as many words; a text so much longer says more."""
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass
class _Told:
    best: Hit
    words: frozenset[str]
    others: list[Hit] = field(default_factory=list)


def once_each(hits: Iterable[Hit]) -> list[Hit]:
    """Of each thing, of each story, and of passages that say the same in nearly the same words, the first.

    In what is left, `also` names the others.
    """
    told: list[_Told] = []
    for hit in hits:
        words = frozenset(fold(hit.text).lower().split())
        same = next((each for each in told if _is_same(hit, words, each)), None)
        if same is None:
            told.append(_Told(hit, words))
        else:
            same.others.append(hit)
    return [replace(each.best, also=also_told(each.best, [hit.telling for hit in each.others])) for each in told]


def also_told(hit: Hit, tellings: Iterable[Telling]) -> tuple[Telling, ...]:
    """The first telling of each source other than the hit's own, in order of time."""
    first: dict[str, Telling] = {}
    for each in sorted({*tellings, *hit.also}, key=lambda each: (each.published_at or _OLDEST, each.id)):
        if not each.is_by(hit.telling):
            first.setdefault(each.source or each.id, each)
    return tuple(first.values())


def quoted_from(hit: Hit, copies: Sequence[Telling], only: Sequence[str]) -> Hit | None:
    """The hit with none but the sources `only` named: as one of its copies when it is of another; None when there is
    none.
    """
    also = tuple(each for each in hit.also if each.source in only)
    if hit.source in only:
        return replace(hit, also=also)
    own = next((each for each in copies if each.source in only), None)
    if own is None:
        return None
    named = replace(
        hit, reference=own.id, title=own.title, url=own.url, published_at=own.published_at, source=own.source
    )
    return replace(named, also=tuple(each for each in also if not each.is_by(own)))


def _is_same(hit: Hit, words: frozenset[str], other: _Told) -> bool:
    if (hit.kind, hit.thing_id) == (other.best.kind, other.best.thing_id):
        return True
    if hit.story_id is not None and other.best.story_id is not None:
        return hit.story_id == other.best.story_id
    shorter, longer = sorted((len(words), len(other.words)))
    if shorter < _FEWEST:
        return bool(words) and words == other.words
    return longer <= _LONGER * shorter and len(words & other.words) >= _SAME * shorter


def story_ids(hits: Sequence[Hit]) -> list[int]:
    return [hit.story_id for hit in hits if hit.story_id is not None]
