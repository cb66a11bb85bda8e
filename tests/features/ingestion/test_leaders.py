"""Who follows whom depends on the things alone, not on the order in which they became known."""

import random
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from kunak.features.ingestion.leaders import Likeness, Thing, Wanted, settle

NOON = datetime(2026, 5, 15, 12, tzinfo=UTC)
FAR = 10


class Line:
    """Things stand on a line, and those that stand near are alike."""

    def __init__(self) -> None:
        self.places: dict[int, int] = {}
        self.follows: dict[int, int | None] = {}
        self.compared = 0

    def thing(self, id_: int) -> Thing[int]:
        return Thing(id_, 1, NOON + timedelta(minutes=id_), 0, self.follows.get(id_), self.places[id_])

    async def load(self, wanted: Wanted) -> list[tuple[Thing[int], list[Thing[int]]]]:
        found = [
            (self.thing(id_), [self.thing(each) for each in self.places if self.is_near(id_, each, wanted)])
            for id_ in wanted.ids
        ]
        self.compared += sum(len(near) for _, near in found)
        return found

    def is_near(self, id_: int, other: int, wanted: Wanted) -> bool:
        leads = self.follows.get(id_) is None or id_ in wanted.leading
        is_wanted = leads if other > id_ else self.follows.get(other) is None and other not in wanted.fresh
        return id_ != other and is_wanted and abs(self.places[id_] - self.places[other]) <= FAR

    async def settle(self, fresh: Collection[int], due: Collection[int] = ()) -> None:
        changes = await settle(Likeness(self.load, measure), fresh, due)
        self.follows |= {id_: change.now for id_, change in changes.items()}

    async def put(self, places: dict[int, int]) -> None:
        self.places |= places
        await self.settle(places, self.followers_of(places))

    async def remove(self, ids: Collection[int]) -> None:
        due = [each for each in self.followers_of(ids) if each not in ids]
        for id_ in ids:
            del self.places[id_]
            self.follows.pop(id_, None)
        await self.settle((), due)

    def followers_of(self, ids: Collection[int]) -> list[int]:
        return [each for each, leader in self.follows.items() if leader in ids]

    @property
    def state(self) -> dict[int, int | None]:
        return {id_: self.follows.get(id_) for id_ in self.places}


def measure(one: Thing[int], other: Thing[int]) -> float | None:
    apart = abs(one.content - other.content)
    return float(-apart) if apart <= FAR else None


async def test_what_is_like_a_follower_alone_does_not_follow() -> None:
    line = Line()
    await line.put({1: 0, 2: 8, 3: 16})
    assert line.state == {1: None, 2: 1, 3: None}


async def test_the_order_of_arrival_edits_and_removals_do_not_matter() -> None:
    dice = random.Random(7)  # noqa: S311  no secret
    for _ in range(150):
        places = {id_: dice.randrange(80) for id_ in range(25)}
        undisturbed = Line()
        await undisturbed.put(places)
        assert (await arrive(places, dice)).state == undisturbed.state


async def arrive(places: dict[int, int], dice: random.Random) -> Line:
    """All come in some order, some of them elsewhere at first, and among others that go again."""
    line = Line()
    ids = dice.sample(sorted(places), len(places))
    passing = {id_: dice.randrange(80) for id_ in range(100, 106)} | {-1: dice.randrange(80)}
    while ids:
        batch, ids = ids[:4], ids[4:]
        await line.put({id_: dice.choice([places[id_], dice.randrange(80)]) for id_ in batch} | passing)
    await line.put({id_: place for id_, place in places.items() if line.places[id_] != place})
    await line.remove(list(passing))
    return line


async def test_copies_that_come_newest_first_are_not_all_held_against_all() -> None:
    line = Line()
    for first in range(291, 0, -10):
        line.compared = 0
        await line.put(dict.fromkeys(range(first, first + 10), 0))
    assert line.state == {1: None} | dict.fromkeys(range(2, 301), 1)
    assert line.compared < 300 * 12
