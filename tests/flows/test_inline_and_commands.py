"""Alice types the bot's name in a group and sends what it offers; Telegram knows the bot's commands."""

from datetime import timedelta

from kunak.features.ingestion import service as ingestion
from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.features.search import service as search
from kunak.foundation.clock import now
from kunak.integrations.telegram.sandbox.chat_view import commands_for
from tests.flows.conftest import House, OpenHouse

HERALD = SourceName(SourceKind.CHANNEL, "1001", "Вестник долины")
PASS = "Перевал закрыт из-за схода лавины. Дорогу откроют после восемнадцати часов."


async def tell_about_the_pass(house: House) -> None:
    url, at = "https://t.me/valley/7", now() - timedelta(hours=2)
    document = NewDocument(HERALD, "1001/7", "Вестник долины", PASS, url, at)
    async with house.kunak.sessions.begin() as session:
        await ingestion.store(session, [document])
        await search.refresh_lexicon(session)


async def test_a_result_is_found_chosen_and_not_answered_again(open_house: OpenHouse) -> None:
    house = await open_house()
    await tell_about_the_pass(house)
    sandbox, alice = house.sandbox, house.sandbox.create_person("Алиса", language_code="ru")
    group = sandbox.create_group("Долина", [alice], [house.telegram_bot])
    query_id, answer = await sandbox.type_inline(house.telegram_bot, group, alice, "перевал закрыт")
    [result] = answer["results"]
    sent = sandbox.choose_inline(group, alice, query_id, result["id"])
    assert "Вестник долины" in sent["text"]
    assert [each["url"] for each in sent["entities"] if each["type"] == "text_link"] == ["https://t.me/valley/7"]
    sandbox.say(group, alice, "/help")
    await sandbox.wait_for_message(group)
    assert len(sandbox.sent_messages(house.telegram_bot)) == 1


async def test_a_digest_is_told_by_command_and_by_words(open_house: OpenHouse) -> None:
    house = await open_house()
    await tell_about_the_pass(house)
    sandbox, alice = house.sandbox, house.sandbox.create_person("Алиса", language_code="ru")
    chat = sandbox.private_chat(house.telegram_bot, alice)
    last = 0
    for words, heading in [("/digest", "за сутки"), ("/digest неделя", "за неделю"), ("что нового?", "за неделю")]:
        sandbox.write_to(house.telegram_bot, alice, words)
        told = await sandbox.wait_for_message(chat, after=last)
        assert f"Что нового {heading}:" in told["text"]
        assert "Перевал закрыт" in told["text"]
        last = told["message_id"]


async def test_an_offer_is_looked_for_and_none_is_published_without_a_board(open_house: OpenHouse) -> None:
    house = await open_house()
    await tell_about_the_pass(house)
    bob = house.sandbox.create_person("Bob", language_code="en")
    chat = house.sandbox.private_chat(house.telegram_bot, bob)
    house.sandbox.write_to(house.telegram_bot, bob, "looking for a flat to rent")
    looked = await house.sandbox.wait_for_message(chat)
    assert "The notice board is not open yet" in looked["text"]
    house.sandbox.write_to(house.telegram_bot, bob, "selling a bike")
    posted = await house.sandbox.wait_for_message(chat, after=looked["message_id"])
    assert "Nothing was published" in posted["text"]


async def test_telegram_is_told_the_commands_in_each_language_once(open_house: OpenHouse) -> None:
    house = await open_house()
    bot, alice = house.telegram_bot, house.sandbox.create_person("Алиса", language_code="ru")
    await house.sandbox.wait_for_call(bot, "setMyCommands", where=lambda call: call.params.get("language_code") == "en")
    chat = house.sandbox.private_chat(bot, alice)
    said = {code: commands_for(bot, chat, code) for code in ("ru", "en", "fr")}
    named = " ".join(each["command"] for each in said["ru"])
    assert named == "ask digest search refresh stop language usage mydata forget help"
    assert said["ru"][-1]["description"] == "что я умею"
    assert said["en"] == said["fr"]
