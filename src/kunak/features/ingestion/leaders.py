"""Finds out who follows whom: of things that are alike the first leads, and the others follow it.

In the order of time each thing follows a leader before it that it is alike, or else leads itself. So what follows is
always like its leader, and never only like a neighbour's neighbour; and who follows whom depends on the things alone,
not on the order in which they became known.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Thing(Generic[T]):
    """Something that follows or leads."""

    id: int
    source_id: int
    at: datetime | None
    tie: int
    """Says who was first among things of one moment."""
    follows: int | None
    """None: it leads."""
    content: T

    @property
    def order(self) -> tuple[float, int, int]:
        return (self.at.timestamp() if self.at else float("-inf"), self.tie, self.id)

    def apart(self, other: "Thing[T]") -> timedelta:
        return abs(self.at - other.at) if self.at and other.at else timedelta()


@dataclass(frozen=True)
class Wanted:
    """What is to be loaded, each with those that may be like it: the leaders before it, and if it leads, all after it.

    Copies may be thousands, so a follower is not asked for what is after it, which is alike to it too.
    """

    ids: Collection[int]
    fresh: Collection[int]
    """Nobody knew them. They are not wanted among those before: the ones that lead tell what is after them."""
    leading: Collection[int] = ()
    """Those that lead now, though they are known to follow."""


@dataclass(frozen=True)
class Likeness(Generic[T]):
    """How alikeness is known."""

    load: Callable[[Wanted], Awaitable[list[tuple[Thing[T], list[Thing[T]]]]]]
    measure: Callable[[Thing[T], Thing[T]], float | None]
    """How much a thing is like one before it; None when they are not alike. The greatest counts, then the earliest."""


@dataclass(frozen=True)
class Change:
    """Whom a thing followed, and whom it follows now."""

    before: int | None
    now: int | None


@dataclass
class _Known(Generic[T]):
    things: dict[int, Thing[T]] = field(default_factory=dict)
    near: dict[int, list[int]] = field(default_factory=dict)
    new_leaders: dict[int, set[int]] = field(default_factory=dict)
    """By what is after them and like them: those that were no leaders yet when `near` was loaded."""

    def add(self, loaded: Iterable[tuple[Thing[T], list[Thing[T]]]]) -> None:
        for thing, near in loaded:
            for each in (thing, *near):
                # What is known already may have changed since it was loaded.
                self.things.setdefault(each.id, each)
            self.near[thing.id] = [each.id for each in near]

    def list_near(self, thing: Thing[T]) -> list[Thing[T]]:
        ids = {*self.near[thing.id], *self.new_leaders.get(thing.id, ())}
        return [self.things[id_] for id_ in ids]


async def settle(likeness: Likeness[T], fresh: Collection[int], due: Collection[int]) -> dict[int, Change]:
    """Let `fresh` things, which nobody knew or which have changed, and `due` ones, whose leader may have gone, find
    whom they follow, and then all others that this concerns; returns what has changed.
    """
    known: _Known[T] = _Known()
    fresh = set(fresh)
    known.add(await likeness.load(Wanted({*fresh, *due}, fresh)))
    before = {id_: thing.follows for id_, thing in known.things.items()}
    waiting = [known.things[id_].order for id_ in known.near]
    heapify(waiting)
    unsettled = set(known.near)
    while waiting:
        id_ = heappop(waiting)[-1]
        unsettled.discard(id_)
        if id_ not in known.near:
            known.add(await likeness.load(Wanted({id_, *unsettled} - known.near.keys(), fresh)))
            before |= {each: thing.follows for each, thing in known.things.items() if each not in before}
        if id_ not in known.near:  # gone meanwhile
            continue
        thing = known.things[id_]
        led = thing.follows is None
        thing.follows = _choose(thing, known, likeness)
        leads = thing.follows is None
        # Nobody follows a fresh one but those that are due.
        if leads if id_ in fresh else leads is not led:
            if before[id_] is not None:
                known.add(await likeness.load(Wanted([id_], fresh, leading=[id_])))
            for later in _list_concerned(thing, known, likeness):
                known.new_leaders.setdefault(later.id, set()).add(id_)
                if later.id not in unsettled:
                    unsettled.add(later.id)
                    heappush(waiting, later.order)
    now = {id_: known.things[id_].follows for id_ in before}
    return {id_: Change(before[id_], now[id_]) for id_ in before if before[id_] != now[id_]}


def _choose(thing: Thing[T], known: _Known[T], likeness: Likeness[T]) -> int | None:
    best: tuple[float, tuple[float, int, int]] | None = None
    for each in known.list_near(thing):
        if each.follows is not None or each.order >= thing.order:
            continue
        alike = likeness.measure(thing, each)
        if alike is not None and (best is None or (-alike, each.order) < best):
            best = (-alike, each.order)
    return best[1][-1] if best else None


def _list_concerned(thing: Thing[T], known: _Known[T], likeness: Likeness[T]) -> list[Thing[T]]:
    """Those after it that are like it."""
    near = known.list_near(thing)
    return [each for each in near if each.order > thing.order and likeness.measure(each, thing) is not None]
