"""Alice talks to bots in the browser."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from kunak.integrations.telegram.sandbox.state import Person
from tests.browser.conftest import BotProgram, House, running

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


async def open_chat(page: Page, name: str) -> None:
    await page.locator(".chat-row", has_text=name).click()


async def begin(page: Page, name: str) -> None:
    await open_chat(page, name)
    await page.get_by_role("button", name="Start", exact=True).click()


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")


async def test_alice_says_hello_and_is_answered(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await say(page, "hello")

    await expect(page.locator(".row.theirs").last).to_contain_text("You said: hello")
    await expect(page.locator(".row.mine .words", has_text="hello")).to_have_count(1)
    await expect(page.locator(".chat-row", has_text="Echo")).to_contain_text("You said: hello")


async def test_a_pressed_button_is_answered_by_a_toast(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    buttons = [[{"text": "Sources", "callback_data": "sources"}]]
    chat_id = await person_of(page)
    await echo.call("sendMessage", chat_id=chat_id, text="Choose", reply_markup={"inline_keyboard": buttons})

    await page.get_by_role("button", name="Sources").click()

    await expect(page.get_by_text("Chosen: sources")).to_be_visible()


async def test_a_draft_appears_grows_and_is_stopped(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    chat_id = await person_of(page)
    for text in ("The road", "The road will open"):
        await echo.call("sendMessageDraft", chat_id=chat_id, draft_id=7, text=text, can_stop=True)
    await expect(page.locator(".row.draft")).to_contain_text("The road will open")

    await page.get_by_role("button", name="Stop the answer").click()

    assert (await echo.stopped_drafts.get())["draft_id"] == 7
    await expect(page.locator(".row.draft")).to_have_count(0)


async def test_the_message_takes_the_place_of_its_draft(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    chat_id = await person_of(page)
    await echo.call("sendMessageDraft", chat_id=chat_id, draft_id=7, text="The road")
    await expect(page.locator(".row.draft")).to_have_count(1)

    await echo.call("sendMessage", chat_id=chat_id, text="The road is open.")

    await expect(page.locator(".row.theirs").last).to_contain_text("The road is open.")
    await expect(page.locator(".row.draft")).to_have_count(0)


async def test_edits_and_deletions_are_seen_at_once(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    chat_id = await person_of(page)
    sent = await echo.call("sendMessage", chat_id=chat_id, text="At five")
    await expect(page.locator(".row.theirs").last).to_contain_text("At five")

    await echo.call("editMessageText", chat_id=chat_id, message_id=sent["message_id"], text="At six")
    await expect(page.locator(".row.theirs").last).to_contain_text("At six")
    await expect(page.locator(".row.theirs").last).to_contain_text("edited")

    await echo.call("deleteMessage", chat_id=chat_id, message_id=sent["message_id"])
    await expect(page.get_by_role("log").get_by_text("At six")).to_have_count(0)


async def test_after_a_restart_the_talk_goes_on(echo: BotProgram, house: House, page: Page) -> None:
    await begin(page, "Echo")
    await say(page, "before")
    await expect(page.locator(".row.theirs").last).to_contain_text("You said: before")

    await house.restart()
    await expect(page.locator(".offline")).to_be_hidden()
    await say(page, "after")

    await expect(page.locator(".row.theirs").last).to_contain_text("You said: after")
    for text in ("before", "after"):
        await expect(page.locator(".row.mine .words", has_text=text)).to_have_count(1)
        await expect(page.locator(".row.theirs .words", has_text=f"You said: {text}")).to_have_count(1)


async def test_what_was_missed_while_away_is_caught_up(echo: BotProgram, context: BrowserContext, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    chat_id = await person_of(page)
    await context.set_offline(True)
    await expect(page.locator(".offline")).to_be_visible()
    await echo.call("sendMessage", chat_id=chat_id, text="You were away")

    await context.set_offline(False)

    await expect(page.locator(".row.theirs .words", has_text="You were away")).to_have_count(1)
    await expect(page.locator(".offline")).to_be_hidden()


async def test_what_is_written_while_away_is_sent_later_once(
    echo: BotProgram, context: BrowserContext, page: Page
) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    await context.set_offline(True)
    await say(page, "waiting")
    await expect(page.get_by_role("img", name="Sending")).to_be_visible()

    await context.set_offline(False)

    await expect(page.locator(".row.theirs").last).to_contain_text("You said: waiting")
    await expect(page.locator(".row.mine .words", has_text="waiting")).to_have_count(1)


async def test_a_refused_message_says_so_and_may_be_sent_again(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    await page.route("**/messages", lambda route: route.fulfill(status=403, json={"error": "not a member"}))
    await say(page, "please")
    await expect(page.get_by_role("img", name="Not sent")).to_be_visible()

    await page.unroute("**/messages")
    await page.get_by_role("button", name="Send again").click()

    await expect(page.locator(".row.theirs").last).to_contain_text("You said: please")
    await expect(page.locator(".row.mine .words", has_text="please")).to_have_count(1)


async def test_hostile_text_stays_text(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await say(page, HOSTILE)
    chat_id = await person_of(page)
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "javascript:document.title='broken'"}
    await echo.call("sendMessage", chat_id=chat_id, text="here", entities=[link])

    answer = page.locator(".row.theirs .words", has_text="You said: ").last
    await expect(answer).to_contain_text(HOSTILE)
    await expect(page.locator(".messages img")).to_have_count(0)
    await expect(page.locator(".messages a[href^='javascript']")).to_have_count(0)
    await expect(page).to_have_title("Echo · Kunak")


async def test_commands_are_chosen_with_the_keyboard(echo: BotProgram, page: Page) -> None:
    commands = [{"command": "start", "description": "Begin"}, {"command": "help", "description": "What I can do"}]
    await echo.call("setMyCommands", commands=commands)
    await begin(page, "Echo")
    await page.get_by_role("textbox", name="Message").press_sequentially("/")
    await expect(page.get_by_role("option")).to_have_count(2)

    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(page.locator(".row.theirs").last).to_contain_text("You said: /help")


async def test_a_message_is_answered_with_the_keyboard_alone(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    await page.locator(".scroller").focus()
    for key in ("ArrowUp", "Enter", "Enter"):  # to the newest message, its menu, "Reply"
        await page.keyboard.press(key)
    await expect(page.get_by_text("Reply to Echo")).to_be_visible()

    await page.keyboard.type("thanks")
    await page.keyboard.press("Enter")

    await expect(page.locator(".row.mine").last.locator(".quoted")).to_contain_text("You said: /start")


async def test_a_reply_keyboard_says_its_button(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    keyboard = {"keyboard": [["Weather", "Roads"]], "resize_keyboard": True}
    await echo.call("sendMessage", chat_id=await person_of(page), text="About what?", reply_markup=keyboard)

    await page.get_by_role("button", name="Roads").click()

    await expect(page.locator(".row.theirs").last).to_contain_text("You said: Roads")


async def test_a_blocked_bot_may_be_let_in_again(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Block the bot").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_hidden()

    await page.get_by_role("button", name="Unblock the bot").click()

    await expect(page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_the_page_speaks_both_languages(page: Page, house: House) -> None:
    await page.goto(f"{house.address}/sandbox?lang=ru")
    await expect(page.get_by_role("button", name="Новая группа")).to_be_visible()
    await expect(page.get_by_text("Ботов пока нет.")).to_be_visible()

    await page.get_by_title("English").click()

    await expect(page.get_by_role("button", name="New group")).to_be_visible()


async def test_on_a_phone_the_chat_fills_the_screen(echo: BotProgram, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await begin(page, "Echo")
    await expect(page.locator(".sidebar")).to_be_hidden()

    await page.get_by_role("button", name="Back to the chats").click()

    await expect(page.locator(".sidebar")).to_be_visible()
    await expect(page.locator(".conversation")).to_be_hidden()


async def test_a_group_of_several_people(echo: BotProgram, house: House, page: Page) -> None:
    bob = house.sandbox.create_person("Bob")
    await page.get_by_role("button", name="New group").click()
    await page.get_by_label("Name of the group").fill("Neighbours")
    for name in ("Bob", "Echo (@echo_bot)"):
        await page.get_by_role("checkbox", name=name).check()
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("heading", name="Neighbours")).to_be_visible()

    group = next(iter(house.sandbox.state.groups.values()))
    house.sandbox.say(group, bob, "Good morning")
    await say(page, "@echo_bot hello")

    await expect(page.locator(".row.theirs", has_text="Good morning")).to_contain_text("Bob")
    await expect(page.locator(".row.theirs").last).to_contain_text("You said: @echo_bot hello")


class RichBot(BotProgram):
    """Answers anything with a rich message."""

    async def on_message(self, chat_id: int, text: str) -> None:  # noqa: ARG002 - whatever was asked
        markdown = "# Roads\n\n| Road | State |\n|---|---|\n| Elbrus | closed |\n\n> Drive **slowly**\n\n- one\n- two"
        await self.call("sendRichMessage", chat_id=chat_id, rich_message={"markdown": markdown})


async def test_rich_messages_show_tables_headings_and_quotes(house: House, page: Page) -> None:
    async with running(RichBot(house, house.add_bot("rich_bot", "Rich"))):
        await page.reload()
        await begin(page, "Rich")

        answer = page.locator(".row.theirs").last
        await expect(answer.get_by_role("heading", name="Roads")).to_be_visible()
        await expect(answer.get_by_role("cell", name="Elbrus")).to_be_visible()
        await expect(answer.locator("blockquote b")).to_have_text("slowly")
        await expect(answer.get_by_role("listitem")).to_have_count(2)


async def test_an_album_and_a_voice_message_are_sent_and_seen(echo: BotProgram, house: House, page: Page) -> None:
    await begin(page, "Echo")
    dots = [{"name": f"{number}.png", "mimeType": "image/png", "buffer": DOT} for number in range(2)]
    chosen = page.locator("input[type=file]")
    await page.get_by_role("textbox", name="Message").fill("What is this?")
    await chosen.set_input_files(dots)  # type: ignore[arg-type]  # playwright asks for its own kind of dict

    pictures = page.locator(".row.mine .photo img")
    await expect(pictures).to_have_count(2)
    await expect(pictures.first).to_have_js_property("naturalWidth", 1)
    await chosen.set_input_files({"name": "note.oga", "mimeType": "", "buffer": b"OggS" + bytes(40)})
    await expect(page.get_by_text("Voice message").first).to_be_visible()
    sent = list(house.sandbox.private_chat(echo.bot, _only_person(house)).messages.values())
    album = [message for message in sent if "media_group_id" in message]
    assert [message.get("caption") for message in album] == ["What is this?", None]
    assert len({message["media_group_id"] for message in album}) == 1
    assert any("voice" in message for message in sent)


async def test_a_mini_app_gets_signed_data_and_closes_itself(echo: BotProgram, house: House, page: Page) -> None:
    await page.route("https://app.example/*", lambda route: route.fulfill(body=MINI_APP, content_type="text/html"))
    button = {"type": "web_app", "text": "Open the shop", "web_app": {"url": "https://app.example/shop"}}
    await echo.call("setChatMenuButton", menu_button=button)
    await begin(page, "Echo")

    await page.get_by_role("button", name="Open the shop").click()

    frame = page.frame_locator("dialog iframe")
    await expect(frame.get_by_text("user and hash came")).to_be_visible()
    # Not with the mouse: a browser may hand the click to the page around a frame that it has only just begun to show.
    await frame.get_by_role("button", name="Done").dispatch_event("click")
    await expect(page.locator("dialog")).to_have_count(0)


def _only_person(house: House) -> Person:
    [person] = house.sandbox.state.people.values()
    return person


async def person_of(page: Page) -> int:
    """The id of who sits at the page."""
    kept: dict[str, Any] = await page.evaluate("JSON.parse(localStorage['kunak.sandbox.person'])")
    return int(kept["id"])


DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301"
    "0100c9fe92ef0000000049454e44ae426082"
)
MINI_APP = """<!doctype html><p></p><button>Done</button><script>
const data = new URLSearchParams(new URLSearchParams(location.hash.slice(1)).get("tgWebAppData"));
document.querySelector("p").textContent =
  JSON.parse(data.get("user")).first_name === "Alice" && data.get("hash").length === 64 ? "user and hash came" : "no";
document.querySelector("button").onclick = () =>
  parent.postMessage(JSON.stringify({ eventType: "web_app_close" }), "*");
</script>"""


async def test_a_bot_is_made_with_another_in_two_taps(echo: BotProgram, page: Page) -> None:
    await begin(page, "Echo")
    await expect(page.locator(".row.theirs")).to_have_count(1)
    button = {"text": "Create a bot", "request_managed_bot": {"request_id": 1, "suggested_name": "Neighbour"}}
    chat_id = await person_of(page)
    await echo.call("sendMessage", chat_id=chat_id, text="Press", reply_markup={"keyboard": [[button]]})

    await page.get_by_role("button", name="Create a bot").click()
    await page.get_by_label("Username").fill("neighbour_bot")
    await page.get_by_role("button", name="Create", exact=True).click()

    await expect(page.locator(".service", has_text="created the bot @neighbour_bot")).to_be_visible()
    await expect(page.get_by_role("button", name="Neighbour @neighbour_bot")).to_be_visible()
