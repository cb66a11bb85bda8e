"""A person asks in Telegram, and is answered from documents with a source."""

import pytest

from kunak.features.bots.schemas import UpdatesBy
from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.search import service as search
from tests.flows.conftest import House, OpenHouse

TOWN = SourceName(SourceKind.JSONL, "town", "Вестник долины")
ROAD = "Перевал закрыт из-за схода лавины. Дорогу откроют после восемнадцати часов, если снег прекратится."


async def tell_about_the_road(house: House) -> None:
    document = NewDocument(TOWN, "road", "Перевал закрыт", ROAD, "https://example.org/road", None)
    async with house.kunak.sessions.begin() as session:
        await ingestion.store(session, [document])
        await search.refresh_lexicon(session)


@pytest.mark.parametrize("delivery", list(UpdatesBy))
async def test_start_is_answered_in_the_persons_language(open_house: OpenHouse, delivery: UpdatesBy) -> None:
    house = await open_house(delivery)
    for name, language, greeting in [("Алиса", "ru", "Здравствуйте! Я Друг"), ("Bob", "en", "Hello! I am Друг")]:
        person = house.sandbox.create_person(name, language_code=language)
        house.sandbox.write_to(house.telegram_bot, person, "/start")
        chat = house.sandbox.private_chat(house.telegram_bot, person)
        await house.sandbox.wait_for_message(chat, containing=greeting)


async def test_a_question_is_answered_with_its_source(open_house: OpenHouse) -> None:
    house = await open_house()
    await tell_about_the_road(house)
    alice = house.sandbox.create_person("Алиса", language_code="ru")
    house.sandbox.write_to(house.telegram_bot, alice, "Когда откроют дорогу через перевал?")
    chat = house.sandbox.private_chat(house.telegram_bot, alice)
    answer = await house.sandbox.wait_for_message(chat, containing="после восемнадцати часов")
    assert {"https://example.org/road"} == {e["url"] for e in answer["entities"] if e["type"] == "text_link"}


async def test_nothing_found_is_said_honestly(open_house: OpenHouse) -> None:
    house = await open_house()
    bob = house.sandbox.create_person("Bob", language_code="en")
    house.sandbox.write_to(house.telegram_bot, bob, "Who sells sheep cheese?")
    chat = house.sandbox.private_chat(house.telegram_bot, bob)
    await house.sandbox.wait_for_message(chat, containing="not been given anything")
