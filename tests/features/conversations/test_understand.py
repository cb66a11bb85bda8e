"""What a message asks of the bot."""

from typing import Any

import pytest

from kunak.features.conversations.schemas import Request, Span, Talk, Wish
from kunak.features.conversations.understand import understand
from kunak.features.understanding.schemas import Intent
from kunak.features.understanding.service import Refiner
from kunak.integrations.telegram.incoming import read_message

BOT_ID = 77


async def wish(
    text: str, *, group: bool = False, sender: dict[str, Any] | None = None, refiner: Refiner | None = None, **more: Any
) -> Request:
    chat = {"id": -5, "type": "supergroup"} if group else {"id": 5, "type": "private"}
    message = read_message({"message_id": 1, "chat": chat, "from": sender or {"id": 5}, "text": text} | more)
    assert message is not None
    return await understand(message, "kunak_bot", refiner, bot_id=BOT_ID)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/start", Wish.START),
        ("/HELP@Kunak_Bot", Wish.HELP),
        ("/ask", Wish.HELP),
        ("/frobnicate", Wish.UNKNOWN_COMMAND),
        ("/start@other_bot", Wish.NOTHING),
        ("Когда откроют мост?", Wish.QUESTION),
        ("Спасибо!", Wish.SMALL_TALK),
        ("hello", Wish.SMALL_TALK),
        ("как дела?", Wish.SMALL_TALK),
        ("Тегенекли", Wish.QUESTION),
        ("bakodetizumo", Wish.QUESTION),
        ("хаш", Wish.QUESTION),
    ],
)
async def test_in_private_everything_is_for_the_bot(text: str, wanted: Wish) -> None:
    assert (await wish(text)).wish is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Когда откроют мост?", Request(Wish.NOTHING)),
        ("@kunak_bot, когда откроют мост?", Request(Wish.QUESTION, "когда откроют мост?")),
        ("/ask когда откроют мост?", Request(Wish.QUESTION, "когда откроют мост?")),
        ("@kunak_bot_dev когда откроют мост?", Request(Wish.NOTHING)),
        ("Пиши на ask@kunak_bot.org, когда откроют мост?", Request(Wish.NOTHING)),
        ("@kunak_bot", Request(Wish.HELP)),
        ("/frobnicate", Request(Wish.NOTHING)),
    ],
)
async def test_in_a_group_only_what_is_addressed_to_it(text: str, wanted: Request) -> None:
    assert (await wish(text, group=True)) == wanted


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("Привет!", Talk.GREETING),
        ("good morning", Talk.GREETING),
        ("Привет, как дела?", Talk.GREETING),
        ("Салам! Как жизнь?", Talk.GREETING),
        ("спасибо большое", Talk.THANKS),
        ("Thanks!", Talk.THANKS),
        ("до свидания", Talk.GOODBYE),
        ("good night", Talk.GOODBYE),
        ("кто ты?", Talk.ABOUT_YOU),
        ("What can you do?", Talk.ABOUT_YOU),
        ("переведи на английский слово кунак", Talk.TASK),
        ("write a poem about mountains", Talk.TASK),
        ("посчитай 2+2", Talk.TASK),
        ("😀", Talk.OTHER),
    ],
)
async def test_small_talk_is_told_apart(text: str, talk: Talk) -> None:
    assert (await wish(text)) == Request(Wish.SMALL_TALK, text, talk)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("что нового за неделю", Wish.DIGEST),
        ("новости Нальчика", Wish.DIGEST),
        ("what's new this week", Wish.DIGEST),
        ("ищу квартиру в Нальчике до 25 тысяч", Wish.FIND_LISTING),
        ("продам гараж", Wish.POST_LISTING),
        ("selling a bike", Wish.POST_LISTING),
        ("Что писали о мосте на прошлой неделе?", Wish.QUESTION),
        ("привет, когда откроют мост?", Wish.QUESTION),
        ("Привет, как дела у школы?", Wish.QUESTION),
    ],
)
async def test_a_wish_that_is_sure_is_followed(text: str, wanted: Wish) -> None:
    assert (await wish(text)).wish is wanted


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("/digest", Span.DAY),
        ("/digest неделя", Span.WEEK),
        ("/digest Week", Span.WEEK),
        ("/digest за месяц", Span.MONTH),
    ],
)
async def test_a_digest_is_of_the_span_that_is_named(text: str, span: Span) -> None:
    assert (await wish(text)) == Request(Wish.DIGEST, "новости", span=span)


async def test_a_digest_may_be_about_something() -> None:
    assert (await wish("/digest Нальчик")) == Request(Wish.DIGEST, "новости Нальчик")


async def test_its_own_inline_results_are_not_answered() -> None:
    via = {"username": "Kunak_bot"}
    assert (await wish("Когда откроют мост?", via_bot=via)).wish is Wish.NOTHING
    assert (await wish("@kunak_bot когда откроют мост?", group=True, via_bot=via)).wish is Wish.NOTHING


async def test_a_reply_to_the_bot_is_addressed_to_it() -> None:
    replied = {"from": {"username": "kunak_bot"}}
    assert (await wish("А когда его закрыли?", group=True, reply_to_message=replied)).wish is Wish.QUESTION


@pytest.mark.parametrize(
    ("answered", "wanted"),
    [
        ({"from": {"id": BOT_ID, "username": "renamed_bot"}}, Wish.QUESTION),
        ({"from": {"id": 5, "username": "kunak_bot"}}, Wish.NOTHING),
        ({"from": {"id": BOT_ID}, "forum_topic_created": {"name": "Мосты"}}, Wish.NOTHING),
    ],
)
async def test_it_is_known_by_its_id_and_a_topic_that_it_opened_is_no_address(
    answered: dict[str, Any], wanted: Wish
) -> None:
    assert (await wish("А когда его закрыли?", group=True, reply_to_message=answered)).wish is wanted


async def test_a_mention_without_a_username_is_one() -> None:
    named = [{"type": "text_mention", "offset": 0, "length": 4, "user": {"id": BOT_ID}}]
    assert (await wish("Кунак, когда откроют мост?", group=True, entities=named)).wish is Wish.QUESTION


async def test_a_mention_below_what_somebody_said_asks_about_that() -> None:
    said = {"from": {"id": 6, "first_name": "Боб"}, "text": "Когда откроют мост?"}
    asked = await wish("@kunak_bot", group=True, reply_to_message=said)
    assert asked == Request(Wish.QUESTION, "Когда откроют мост?")


async def test_an_admin_who_writes_in_the_name_of_the_group_is_answered() -> None:
    bot = {"id": 1087968824, "is_bot": True}
    asked = await wish("/ask Когда откроют мост?", group=True, sender=bot, sender_chat={"id": -5, "title": "Мосты"})
    assert asked.wish is Wish.QUESTION


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"photo": [{"file_id": "x"}]}, Wish.LOOK),
        ({"document": {"file_id": "x", "mime_type": "image/png"}}, Wish.LOOK),
        ({"voice": {"file_id": "x", "duration": 0}}, Wish.LISTEN),
        ({"video_note": {"file_id": "x"}}, Wish.LISTEN),
        ({"document": {"file_id": "x", "mime_type": "application/pdf"}}, Wish.NOT_TEXT),
        ({"sticker": {"file_id": "x"}}, Wish.NOT_TEXT),
        ({"location": {"latitude": 43.0, "longitude": 43.0}}, Wish.NOT_TEXT),
        ({"pinned_message": {"message_id": 3}}, Wish.NOTHING),
        ({"photo": "x", "voice": [], "sticker": 5}, Wish.NOTHING),
    ],
)
async def test_what_is_no_text_is_told_apart(given: dict[str, Any], wanted: Wish) -> None:
    assert (await wish("", **given)).wish is wanted


async def test_a_sticker_in_a_group_is_a_nod() -> None:
    replied = {"from": {"id": BOT_ID}}
    nod = await wish("", group=True, reply_to_message=replied, sticker={"file_id": "x"})
    assert nod.wish is Wish.NOTHING


async def test_a_question_below_a_picture_is_about_the_picture() -> None:
    assert await wish("Что это?", photo=[{"file_id": "x"}]) == Request(Wish.LOOK, "Что это?")


async def test_other_bots_are_not_answered() -> None:
    assert (await wish("Когда откроют мост?", sender={"id": 6, "is_bot": True})).wish is Wish.NOTHING


class SaysDigest(Refiner):
    """A model that takes everything for a wish for news."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def intent_of(self, text: str) -> Intent | None:
        self.asked.append(text)
        return Intent.DIGEST


async def test_where_it_is_in_doubt_a_model_is_asked() -> None:
    refiner = SaysDigest()
    assert (await wish("вода сегодня", refiner=refiner)).wish is Wish.DIGEST
    assert (await wish("Спасибо!", refiner=refiner)).wish is Wish.SMALL_TALK
    assert refiner.asked == ["вода сегодня"]
