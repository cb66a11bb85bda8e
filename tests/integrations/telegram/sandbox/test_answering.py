"""What bots do besides sending texts: drafts, rich messages, buttons, commands, reactions, copies."""

import asyncio

import pytest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputRichMessage,
    MenuButtonWebApp,
    ReactionTypeEmoji,
    RichBlockTable,
    WebAppInfo,
)
from tests.integrations.telegram.sandbox.conftest import Town

from kunak.integrations.telegram.sandbox import people
from kunak.integrations.telegram.sandbox.chat_view import commands_for, menu_button_for
from kunak.integrations.telegram.sandbox.sandbox import Sandbox


@pytest.fixture
def met(town: Town) -> Town:
    town.sandbox.write_to(town.bot, town.alice, "hello")
    return town


async def test_a_draft_is_seen_until_the_message_comes(met: Town) -> None:
    await met.client.send_message_draft(met.alice.id, 5, text="I thi")
    await met.client.send_message_draft(met.alice.id, 5, text="I think")
    assert [draft.content["text"] for draft in met.chat.drafts.values()] == ["I think"]
    await met.client.send_message(met.alice.id, "I think so.")
    assert met.chat.drafts == {}
    assert len(met.chat.messages) == 2


async def test_a_stopped_draft_is_told_to_the_bot(met: Town) -> None:
    await met.client.get_updates(offset=-1)
    await met.client.send_message_draft(met.alice.id, 5, text="On and on", can_stop=True)
    people.stop_draft(met.sandbox.world, met.chat, 5)
    *_, update = await met.client.get_updates()
    assert update.stopped_message_generation
    assert (update.stopped_message_generation.draft_id, met.chat.drafts) == (5, {})


async def test_a_draft_fades_away() -> None:
    sandbox = Sandbox(draft_lifetime_s=0.0)
    bot, alice = sandbox.create_bot("town_bot", "Town"), sandbox.create_person("Alice")
    sandbox.write_to(bot, alice, "hello")
    chat, events = sandbox.private_chat(bot, alice), sandbox.world.events
    draft = {"chat_id": alice.id, "draft_id": 5, "text": "I thi"}
    await sandbox.perform(bot, "sendMessageDraft", draft)
    async for event in events.follow(bot.id, chat.id, after=0):
        if event is not None and event.kind == "draft_gone":
            break
    assert chat.drafts == {}


async def test_drafts_are_for_private_chats(met: Town) -> None:
    group = met.sandbox.create_group("Town hall", [met.alice], [met.bot])
    status, _ = await met.refused("sendMessageDraft", chat_id=group.id, draft_id=1, text="x")
    assert status == 400


async def test_rich_markdown_becomes_blocks(met: Town) -> None:
    markdown = (
        "# Town\n\nSome **bold** text with a note[^1] and ==mark==.\n\n| A | B |\n|:--|--:|\n| 1 | 2 |\n\n"
        "- [x] done\n- open\n\n```python\nx = 1\n```\n\n$$E = mc^2$$\n\n[^1]: The source."
    )
    sent = await met.client.send_rich_message(met.alice.id, InputRichMessage(markdown=markdown))
    assert sent.rich_message
    kinds = [block.type for block in sent.rich_message.blocks]
    assert kinds == ["heading", "paragraph", "table", "list", "pre", "mathematical_expression", "footer"]
    table = sent.rich_message.blocks[2]
    assert isinstance(table, RichBlockTable)
    assert [cell.align for cell in table.cells[1]] == ["left", "right"]


async def test_rich_html_and_blocks_are_taken_and_edited(met: Town) -> None:
    html = "<h2>Town</h2><details open><summary>More</summary><p>a@b.test</p></details><hr/>"
    sent = await met.client.send_rich_message(met.alice.id, InputRichMessage(html=html))
    assert sent.rich_message
    assert [block.type for block in sent.rich_message.blocks] == ["heading", "details", "divider"]
    blocks = [{"type": "list", "items": [{"blocks": [{"type": "paragraph", "text": "one"}]}]}]
    edit = {"chat_id": met.alice.id, "message_id": sent.message_id, "rich_message": {"blocks": blocks}}
    edited = await met.done("editMessageText", **edit)
    assert isinstance(edited, dict)
    assert edited["rich_message"]["blocks"][0]["items"][0]["label"] == "•"


@pytest.mark.parametrize(
    ("rich", "sentence"),
    [
        ({"html": "<div>x</div>"}, 'can\'t parse rich message: Unsupported start tag "div"'),
        ({"html": "<b>x"}, "can't parse rich message: Can't find end tag corresponding to start tag \"b\""),
        ({"markdown": "x", "html": "x"}, "rich message must have exactly one of html, markdown and blocks"),
        ({"markdown": "я" * 32_769}, "message is too long"),
        ({"html": "<p>x</p>" * 501}, "rich message has too many blocks"),
        ({"html": f"<table><tr>{'<td>x</td>' * 21}</tr></table>"}, "a table of a rich message has too many columns"),
        ({"html": "<blockquote>" * 17 + "x" + "</blockquote>" * 17}, "rich message is nested too deep"),
    ],
)
async def test_a_rich_message_that_is_refused(met: Town, rich: dict[str, str], sentence: str) -> None:
    refused = await met.refused("sendRichMessage", chat_id=met.alice.id, rich_message=rich)
    assert refused == (400, f"Bad Request: {sentence}")


async def test_a_pressed_button_is_answered(met: Town) -> None:
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Go", callback_data="go")]])
    sent = await met.client.send_message(met.alice.id, "Go?", reply_markup=keyboard)
    pressing = asyncio.create_task(met.sandbox.press(met.chat, met.alice, sent.message_id, "go"))
    *_, update = await met.client.get_updates(timeout=50, allowed_updates=["callback_query"], offset=-1)
    while update.callback_query is None:
        *_, update = await met.client.get_updates(timeout=50, offset=update.update_id + 1)
    await met.client.answer_callback_query(update.callback_query.id, text="Gone", show_alert=True)
    assert await pressing == {"text": "Gone", "show_alert": True}


async def test_commands_by_scope_and_language(met: Town) -> None:
    ask, digest = BotCommand(command="ask", description="Ask"), BotCommand(command="digest", description="Новости")
    await met.client.set_my_commands([ask])
    await met.client.set_my_commands([digest], scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    assert [c.model_dump() for c in await met.client.get_my_commands()] == [ask.model_dump()]
    assert commands_for(met.bot, met.chat, "ru") == [{"command": "digest", "description": "Новости"}]
    assert commands_for(met.bot, met.chat, "en") == [{"command": "ask", "description": "Ask"}]
    await met.client.delete_my_commands()
    assert await met.client.get_my_commands() == []


async def test_the_menu_button_of_one_chat_and_of_all(met: Town) -> None:
    board = MenuButtonWebApp(text="Board", web_app=WebAppInfo(url="https://kunak.test/app"))
    await met.client.set_chat_menu_button(menu_button=board)
    assert (await met.client.get_chat_menu_button(chat_id=met.alice.id)).model_dump() == board.model_dump()
    assert menu_button_for(met.bot, met.chat)["type"] == "web_app"


async def test_a_message_is_forwarded_copied_pinned_and_reacted_to(met: Town) -> None:
    met.sandbox.write_to(met.bot, met.bob, "hello")
    first = next(iter(met.chat.messages))
    forwarded = await met.client.forward_message(met.bob.id, met.alice.id, first)
    assert forwarded.forward_origin
    copied = await met.client.copy_message(met.bob.id, met.alice.id, first)
    assert copied.message_id > forwarded.message_id
    await met.client.pin_chat_message(met.alice.id, first)
    full = await met.client.get_chat(met.alice.id)
    assert full.pinned_message
    assert full.pinned_message.message_id == first
    await met.client.set_message_reaction(met.alice.id, first, [ReactionTypeEmoji(emoji="👍")])
    refused = await met.refused(
        "setMessageReaction", chat_id=met.alice.id, message_id=first, reaction=[{"type": "emoji", "emoji": "🐌"}]
    )
    assert refused == (400, "Bad Request: REACTION_INVALID")


async def test_messages_are_deleted(met: Town) -> None:
    sent = [await met.client.send_message(met.alice.id, text) for text in ("one", "two", "three")]
    await met.client.delete_message(met.alice.id, sent[0].message_id)
    await met.client.delete_messages(met.alice.id, [sent[1].message_id, 1])
    assert [message["text"] for message in met.chat.messages.values()] == ["hello", "three"]


async def test_the_history_of_a_chat_is_bounded() -> None:
    sandbox = Sandbox(history_limit=3)
    bot, alice = sandbox.create_bot("town_bot", "Town"), sandbox.create_person("Alice")
    for number in range(5):
        sandbox.write_to(bot, alice, str(number))
    assert [m["text"] for m in sandbox.private_chat(bot, alice).messages.values()] == ["2", "3", "4"]
