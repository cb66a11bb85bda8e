"""Tells what a period was about: its stories, once each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from math import log

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.search.headline import read_lead
from kunak.features.search.repository import digesting, titles
from kunak.features.search.repository.digesting import Post
from kunak.features.search.retrieve import search
from kunak.features.search.schemas import Digest, Filters, Lead, Span, Story, Telling

_POSTS = 600
"""Posts of a period that are looked at closely."""
_ABOUT = 300
"""Passages that are looked at when the digest is about something."""
_NEAR_ENOUGH = 0.5
"""Part of the words asked about that a post must hold, rare ones counting more."""

_ALIKE = 0.5
"""Part of the rarer words of a post that it shares with another of the same event."""
_LEAST_SHARED = 3
"""Rare words that two posts of one event share."""
_EVENT = timedelta(hours=48)
"""Between posts of one event, unless they are linked."""

_ADVERTS = ("erid", "реклама", "промокод", "розыгрыш", "giveaway", "promo code")
_OLDEST = datetime.min.replace(tzinfo=UTC)
_TOLD_WELL = 200
"""Characters; a longer text does not matter more for it."""
_OF_AN_ADVERT = 0.1
"""Part of what it would matter otherwise."""


@dataclass
class _Group:
    """Posts that tell one story; `posts[0]` is the most central."""

    posts: list[Post] = field(default_factory=list)

    @property
    def sources(self) -> int:
        copying = {each.source or each.id for post in self.posts for each in post.also}
        return len({_source_of(post) for post in self.posts} | copying)


async def digest(
    session: AsyncSession,
    *,
    period_from: datetime,
    period_before: datetime,
    place: str | None = None,
    about: str | None = None,
    sources: Sequence[str] = (),
    only: Sequence[str] = (),
    limit: int = 10,
    offset: int = 0,
) -> Digest:
    """The stories of a period (aware; the end does not belong to it), those that matter most first.

    `sources`: of these; `only`: no others are named either.
    """
    filters = Filters(
        sources=tuple(sources),
        places=(place,) if place else (),
        published_from=period_from,
        published_before=period_before,
    )
    posts = await _list_posts(session, filters, about)
    posts = [named for post in posts if (named := _told_by(post, only))] if only else posts
    ranked = _rank(_group(posts), period_from, period_before)
    shown = ranked[offset : offset + limit]
    names = await titles.list_names(session, {(post.source or "", post.title) for each in shown for post in each.posts})
    stories = tuple(_story(number, each, names) for number, each in zip(count(offset + 1), shown, strict=False))
    leads = tuple(Lead(post.source, post.published_at) for each in ranked for post in each.posts)
    return Digest(Span(period_from, period_before), stories, len(ranked) > offset + limit, len(ranked), leads)


async def _list_posts(session: AsyncSession, filters: Filters, about: str | None) -> list[Post]:
    if not about:
        return await digesting.list_central(session, filters, most=_POSTS)
    found = await search(session, about, limit=_ABOUT, filters=filters)
    things = {(hit.kind, hit.thing_id) for hit in found.hits if hit.coverage >= _NEAR_ENOUGH}
    return await digesting.list_central(session, filters, things=sorted(things), most=_POSTS) if things else []


def _told_by(post: Post, only: Sequence[str]) -> Post | None:
    """The post with none but these sources named: as one of its copies when it is of another."""
    also = tuple(each for each in post.also if each.source in only)
    if post.source in only or not also:
        return replace(post, also=also) if post.source in only else None
    own, *others = also
    published_at = own.published_at or post.published_at
    named = replace(post, reference=own.id, title=own.title, url=own.url, published_at=published_at)
    return replace(named, source=own.source, also=tuple(others))


def _group(posts: Sequence[Post]) -> list[_Group]:
    """`posts`, the most central first, by what they tell."""
    groups: list[_Group] = []
    linked: dict[int, _Group] = {}
    having: dict[int, list[_Group]] = {}
    for post in posts:
        group = _find_group(post, linked, having)
        if group is None:
            group = _Group()
            groups.append(group)
            for mark in post.marks:
                having.setdefault(mark, []).append(group)
        group.posts.append(post)
        if post.story_id is not None:
            linked.setdefault(post.story_id, group)
    return groups


def _find_group(post: Post, linked: dict[int, _Group], having: dict[int, list[_Group]]) -> _Group | None:
    if post.story_id in linked:
        return linked[post.story_id]
    shared: dict[int, int] = {}
    for mark in post.marks:
        for group in having.get(mark, ()):
            shared[id(group)] = shared.get(id(group), 0) + 1
    near = [
        group
        for group in {id(each): each for mark in post.marks for each in having.get(mark, ())}.values()
        if shared[id(group)] >= _LEAST_SHARED and _are_alike(post, group.posts[0])
    ]
    return max(near, key=lambda group: shared[id(group)], default=None)


def _are_alike(post: Post, other: Post) -> bool:
    if post.story_id is not None and other.story_id is not None:
        return post.story_id == other.story_id
    if abs(post.published_at - other.published_at) > _EVENT:
        return False
    common = sum(rarity for mark, rarity in post.marks.items() if mark in other.marks)
    return common >= _ALIKE * min(_weight(post), _weight(other))


def _weight(post: Post) -> float:
    return sum(post.marks.values()) + post.unshared


def _rank(groups: list[_Group], start: datetime, end: datetime) -> list[_Group]:
    return sorted(groups, key=lambda group: _importance(group, start, end), reverse=True)


def _importance(group: _Group, start: datetime, end: datetime) -> float:
    """Many sources first of all; then many posts, something said, and late in the period."""
    told = max(map(_substance, group.posts))
    latest = max(post.published_at for post in group.posts)
    recency = (latest - start) / (end - start)
    return (group.sources - 1 + 0.5 * log(len(group.posts)) + told) * (0.6 + 0.4 * recency)


def _substance(post: Post) -> float:
    lowered = post.text.lower()
    told = min(len(lowered) / _TOLD_WELL, 1)
    return told * _OF_AN_ADVERT if any(each in lowered for each in _ADVERTS) else told


def _source_of(post: Post) -> object:
    return post.source or (post.kind, post.thing_id)


def _story(number: int, group: _Group, names: set[tuple[str, str]]) -> Story:
    told = max(group.posts, key=lambda post: (round(_substance(post), 1), -post.published_at.timestamp()))
    is_name = (told.source or "", told.title) in names
    lead = read_lead(told.text, "" if is_name else told.title, signature=told.title if is_name else "")
    tellings = [each for post in group.posts for each in (_telling(post), *post.also)]
    first: dict[str, Telling] = {}
    for each in sorted(tellings, key=lambda each: each.published_at or _OLDEST):
        first.setdefault(each.source or each.id, each)
    return Story(number, lead.headline, lead.quote, _telling(told), tuple(first.values()))


def _telling(post: Post) -> Telling:
    return Telling(post.reference, post.title, post.url, post.published_at, post.source)
