"""Of copies one is shown and all are named; what tells one event is one story; whatever the order they came in."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from kunak.features.ingestion import compare, service
from kunak.features.ingestion.leaders import Wanted
from kunak.features.ingestion.repository.traits import list_near_events
from kunak.features.ingestion.same_event import LEAD, LONGEST, read_telling
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.ingestion.store import forget
from kunak.features.search import service as search
from kunak.features.search.schemas import Filters, Hit
from kunak.foundation.db.engine import Sessions, create_engine, create_sessions

NOON = datetime(2026, 5, 15, 12, tzinfo=UTC)
ALICE, BOB, CHARLIE = (
    SourceName(SourceKind.CHANNEL, key, title)
    for key, title in (("-1001", "Вести Алисы"), ("-1002", "Город Боба"), ("-1003", "Сплетни Чарли"))
)
BRIDGE = (
    "Мост через реку Мзымту закрыли на ремонт до 15 мая. Автобусы маршрута 105 пойдут в объезд по улице Ленина, "
    "сообщила мэрия. Пешеходам советуют подвесной мостик у рынка."
)
FIRE = "В Адлере загорелся склад стройматериалов на улице Кирова. Площадь пожара 800 квадратных метров."
FIRE_TOLD_ANEW = "Пожар на Кирова в Адлере: горят 800 метров склада со стройматериалами, рассказали очевидцы."
SIREN = "Внимание всем: воздушная тревога!"


def post(source: SourceName, number: int, words: str, *, minutes: float = 0) -> NewDocument:
    at = NOON + timedelta(minutes=minutes)
    return NewDocument(
        source, f"{source.key}/{number}", source.title, words, f"https://t.me/c/{source.key}/{number}", at
    )


async def store(sessions: Sessions, *documents: NewDocument) -> None:
    async with sessions.begin() as session:
        await service.store(session, documents)


async def remove(sessions: Sessions, document: NewDocument) -> None:
    async with sessions.begin() as session:
        values = {"kind": document.source.kind.value, "key": document.source.key}
        source = await session.scalar(text("SELECT id FROM sources WHERE kind = :kind AND key = :key"), values)
        assert await forget(session, source, [document.external_id]) == 1


async def find(sessions: Sessions, question: str, **filters: Any) -> list[Hit]:
    async with sessions() as session:
        return list((await search.find(session, question, filters=Filters(**filters), now=NOON)).hits)


def named(hit: Hit) -> list[str]:
    return [hit.reference, *(each.id for each in hit.also)]


async def state(sessions: Sessions) -> tuple[list[Any], list[Any]]:
    """What follows what, and what search shows, in words that do not depend on ids."""
    traits = """SELECT own.external_id, original.external_id, first.external_id FROM document_traits
        JOIN documents AS own ON own.id = document_id LEFT JOIN documents AS original ON original.id = copy_of
        LEFT JOIN documents AS first ON first.id = story_of ORDER BY 1"""
    entries = """SELECT reference, documents.external_id, text_of.text, ARRAY(SELECT further.reference
        FROM search_tellings AS further WHERE further.thing_id = text_of.thing_id ORDER BY 1)
        FROM search_entries AS text_of LEFT JOIN documents ON documents.id = story_id ORDER BY 1, passage"""
    async with sessions() as session:
        return [list(await session.execute(text(statement))) for statement in (traits, entries)]  # type: ignore[return-value]  # two


async def test_copies_are_found_once_and_all_sources_are_named_the_first_first(sessions: Sessions) -> None:
    await store(sessions, post(BOB, 1, BRIDGE, minutes=5), post(CHARLIE, 1, f"❗️ {BRIDGE} #сочи", minutes=9))
    await store(sessions, post(ALICE, 1, BRIDGE))
    [hit] = await find(sessions, "Мост закрыли на ремонт?")
    assert named(hit) == ["-1001/1", "-1002/1", "-1003/1"]
    assert hit.also[0].published_at == NOON + timedelta(minutes=5)
    assert hit.also[0].url == "https://t.me/c/-1002/1"


async def test_a_copy_is_found_among_the_posts_of_its_own_source_too(sessions: Sessions) -> None:
    await store(sessions, post(ALICE, 1, BRIDGE), post(BOB, 1, BRIDGE, minutes=5))
    [hit] = await find(sessions, "мост закрыли", sources=(BOB.key,))
    assert hit.reference == "-1001/1"


async def test_the_copy_takes_the_place_of_what_is_removed(sessions: Sessions) -> None:
    original, copy = post(ALICE, 1, BRIDGE), post(BOB, 1, BRIDGE, minutes=5)
    await store(sessions, original, copy)
    await remove(sessions, original)
    [hit] = await find(sessions, "мост закрыли")
    assert named(hit) == ["-1002/1"]


async def test_the_copy_stays_when_the_first_is_edited_away(sessions: Sessions) -> None:
    original = post(ALICE, 1, BRIDGE)
    await store(sessions, original, post(BOB, 1, BRIDGE, minutes=5))
    await store(sessions, replace(original, text="Рынок сегодня работает до восьми вечера."))
    assert [named(hit) for hit in await find(sessions, "автобусы маршрута 105")] == [["-1002/1"]]
    assert [named(hit) for hit in await find(sessions, "до восьми вечера")] == [["-1001/1"]]


async def test_a_copy_that_is_edited_stands_for_itself(sessions: Sessions) -> None:
    copy = post(BOB, 1, BRIDGE, minutes=5)
    await store(sessions, post(ALICE, 1, BRIDGE), copy)
    await store(sessions, replace(copy, text=BRIDGE.replace("15 мая", "30 июня")))
    shown = {hit.reference for hit in await find(sessions, "мост")} | set(named((await find(sessions, "мост"))[0]))
    assert shown == {"-1001/1", "-1002/1"}
    assert (await state(sessions))[0][1] == ("-1002/1", None, "-1001/1")


async def test_a_siren_that_sounds_again_is_news_again(sessions: Sessions) -> None:
    await store(sessions, post(ALICE, 1, SIREN), post(BOB, 1, SIREN, minutes=3))
    await store(sessions, post(ALICE, 2, SIREN, minutes=60), post(BOB, 2, SIREN, minutes=600))
    copies = [row[:2] for row in (await state(sessions))[0] if row[1]]
    assert copies == [("-1002/1", "-1001/1")]


async def test_an_advert_of_last_week_is_no_copy(sessions: Sessions) -> None:
    await store(sessions, post(ALICE, 1, BRIDGE), post(BOB, 1, BRIDGE, minutes=60 * 24 * 7))
    assert [row[1:] for row in (await state(sessions))[0]] == [(None, None), (None, None)]


async def test_one_event_in_two_wordings_is_one_story_with_its_sources(sessions: Sessions) -> None:
    await store(sessions, post(ALICE, 1, FIRE), post(ALICE, 2, BRIDGE, minutes=1))
    await store(sessions, post(BOB, 1, FIRE_TOLD_ANEW, minutes=20), post(CHARLIE, 1, FIRE_TOLD_ANEW, minutes=25))
    [hit] = await find(sessions, "пожар склад Адлер")
    assert set(named(hit)) == {"-1001/1", "-1002/1", "-1003/1"}
    [bridge] = await find(sessions, "мост")
    assert bridge.also == ()
    assert bridge.story_id is None


async def test_a_digest_names_those_who_copied(sessions: Sessions) -> None:
    await store(sessions, post(ALICE, 1, FIRE), post(BOB, 1, FIRE, minutes=5), post(CHARLIE, 1, BRIDGE))
    async with sessions() as session:
        digest = await search.digest(session, period_from=NOON, period_before=NOON + timedelta(days=1))
    assert [[each.source for each in story.tellings] for story in digest.stories] == [
        [ALICE.key, BOB.key],
        [CHARLIE.key],
    ]


async def test_who_told_nobody_after_all_has_no_story_left(sessions: Sessions) -> None:
    told = post(BOB, 1, FIRE_TOLD_ANEW, minutes=20)
    await store(sessions, post(ALICE, 1, FIRE), told)
    await remove(sessions, told)
    assert (await state(sessions))[1] == [("-1001/1", None, FIRE, [])]


async def test_documents_without_a_time_are_folded_but_tell_no_event(sessions: Sessions) -> None:
    texts = (BRIDGE, BRIDGE, FIRE, FIRE_TOLD_ANEW)
    await store(sessions, *(replace(post(ALICE, n, said), published_at=None) for n, said in enumerate(texts)))
    follows = [row[1:] for row in (await state(sessions))[0]]
    assert sum(original is not None for original, _ in follows) == 1
    assert all(first is None for _, first in follows)


def many() -> list[NewDocument]:
    """A week of three channels that copy each other, and tell the same in other words."""
    dice = random.Random(5)  # noqa: S311  no secret
    things = ["склад", "рынок", "вокзал", "театр", "парк"]
    places = ["Адлере", "Хосте", "Дагомысе", "Лазаревском"]
    return [
        post(
            dice.choice([ALICE, BOB, CHARLIE]),
            number,
            f"В {dice.choice(places)} {dice.choice(['загорелся', 'открылся', 'закрыли'])} {dice.choice(things)} на "
            f"улице Кирова. {dice.choice(['Подробности выясняет мэрия.', 'Рассказали об этом утром очевидцы.'])} "
            f"{dice.choice(['', 'Движение рядом перекрыто, автобусы идут в объезд.'])}",
            minutes=dice.randrange(60 * 24 * 3),
        )
        for number in range(70)
    ]


@pytest.fixture
async def undisturbed(second_database_url: str) -> AsyncIterator[tuple[list[Any], list[Any]]]:
    engine = create_engine(second_database_url)
    sessions = create_sessions(engine)
    await store(sessions, *sorted(many(), key=lambda each: each.published_at or NOON))
    yield await state(sessions)
    await engine.dispose()


async def come_in(sessions: Sessions, documents: Sequence[NewDocument], *, fail_at: int | None = None) -> None:
    for number in range(0, len(documents), 9):
        async with sessions.begin() as session:
            await service.store(session, documents[number : number + 9])
            if number == fail_at:
                raise ConnectionError


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_order_of_arrival_ends_in_the_same(
    sessions: Sessions, undisturbed: tuple[list[Any], list[Any]], seed: int
) -> None:
    documents = many()
    random.Random(seed).shuffle(documents)  # noqa: S311  no secret
    passing = replace(documents[0], external_id="passing", published_at=NOON - timedelta(minutes=1))
    await store(sessions, passing)
    with pytest.raises(ConnectionError):
        await come_in(sessions, documents, fail_at=27)
    await come_in(sessions, documents)
    await remove(sessions, passing)
    assert await state(sessions) == undisturbed
    assert sum(row[1] is not None for row in undisturbed[0]) > 5
    assert sum(row[2] is not None for row in undisturbed[0]) > 5


async def test_two_transactions_that_bring_copies_wait_for_each_other(sessions: Sessions) -> None:
    async with sessions() as first, sessions() as second:
        await service.store(first, [post(ALICE, 1, BRIDGE)])
        await second.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(Exception, match="lock timeout"):
            await service.store(second, [post(BOB, 1, BRIDGE, minutes=1)])
        await first.commit()
        await second.rollback()


async def test_documents_of_before_are_compared_when_the_index_is_made_anew(sessions: Sessions) -> None:
    await store(sessions, post(ALICE, 1, BRIDGE), post(BOB, 1, BRIDGE, minutes=5), post(BOB, 2, FIRE))
    compared = await state(sessions)
    async with sessions.begin() as session:
        await session.execute(text("TRUNCATE document_traits"))
    async with sessions.begin() as session:
        entries = await service.list_entries(session, after=0, limit=1)
        assert [each.reference for each in entries] == ["-1001/1"]
        entries = await service.list_entries(session, after=entries[0].thing_id, limit=1)
        assert [each.reference for each in entries] == ["-1002/2"]
    assert await state(sessions) == compared


async def test_a_crowd_of_alike_posts_leads_nobody_to_more_than_so_many(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "CROWD", 5)
    crowd = [post(ALICE, n, f"Новость номер {n}: в Хосте открыт подвесной мост {n}.", minutes=-n) for n in range(40)]
    for first in range(0, 40, 8):
        await store(sessions, *crowd[first : first + 8])
    await store(sessions, replace(crowd[0], text=f"{crowd[0].text} Подробности позже."))
    await store(sessions, post(BOB, 1, FIRE), post(CHARLIE, 1, FIRE_TOLD_ANEW, minutes=9))
    bearers = "SELECT mark, count(*) FROM document_traits, unnest(marks) AS mark GROUP BY mark"
    async with sessions() as session:
        assert max(times for _, times in await session.execute(text(bearers))) == 5
        ids = list(await session.scalars(text("SELECT document_id FROM document_traits")))
        near = await list_near_events(
            session, Wanted(ids, ()), read_telling, least_shared=2, longest=LONGEST, most=LEAD
        )
    assert max(len(others) for _, others in near) == 4
    assert ("-1003/1", None, "-1002/1") in (await state(sessions))[0]
