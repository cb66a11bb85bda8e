"""Alice types a bot's name and words, and sends what the bot offers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import BotProgram, House, running

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='broken'\">"


class Finder(BotProgram):
    """Offers forty places for whatever is typed, twenty at a time; for `nothing`, a way to itself."""

    async def take(self, update: dict[str, Any]) -> None:
        if query := update.get("inline_query"):
            await self.call("answerInlineQuery", inline_query_id=query["id"], **self.answer(query))
        else:
            await super().take(update)

    def answer(self, query: dict[str, Any]) -> dict[str, Any]:
        if query["query"] == "nothing":
            return {"results": [], "button": {"text": "Ask me in private", "start_parameter": "inline"}}
        first = int(query["offset"] or 0)
        results = [self.article(number, query["query"]) for number in range(first, first + 20)]
        return {"results": results, "next_offset": "20" if first == 0 else ""}

    def article(self, number: int, words: str) -> dict[str, Any]:
        content = {"message_text": f"{words} {number}", "entities": [{"type": "bold", "offset": 0, "length": 4}]}
        title = HOSTILE if number == 1 else f"Place {number}"
        return {
            "type": "article",
            "id": str(number),
            "title": title,
            "description": "far",
            "input_message_content": content,
        }


@pytest.fixture
async def finder(house: House, page: Page, echo: BotProgram) -> AsyncIterator[BotProgram]:
    """Alice sits in the chat with Echo; the other bot is there too."""
    async with running(Finder(house, house.add_bot("finder_bot", "Finder"))) as program:
        await page.reload()
        await page.locator(".chat-row", has_text="Echo").click()
        await page.get_by_role("button", name="Start", exact=True).click()
        await expect(page.locator(".row.theirs")).to_have_count(1)
        yield program


async def write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)


async def test_a_result_is_chosen_with_the_keyboard(finder: BotProgram, page: Page) -> None:
    await write(page, "@finder_bot road")
    options = page.get_by_role("option")
    await expect(options).to_have_count(20)
    for _ in range(3):
        await page.keyboard.press("ArrowDown")
    await expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")

    sent = page.locator(".row.mine").last
    await expect(sent).to_contain_text("via @finder_bot")
    await expect(sent.locator("b, strong").filter(has_text="road")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    await expect(options).to_have_count(0)


async def test_a_result_is_chosen_with_the_mouse_and_titles_are_but_text(finder: BotProgram, page: Page) -> None:
    await write(page, "@finder_bot road")
    await page.get_by_role("option", name=HOSTILE).click()
    await expect(page.locator(".row.mine").last).to_contain_text("road 1")
    assert await page.title() != "broken"


async def test_further_results_come_when_the_list_is_scrolled(finder: BotProgram, page: Page) -> None:
    await write(page, "@finder_bot road")
    await expect(page.get_by_role("option")).to_have_count(20)
    await page.get_by_role("option").last.scroll_into_view_if_needed()
    await expect(page.get_by_role("option")).to_have_count(40)


async def test_what_is_written_can_be_sent_as_it_is(finder: BotProgram, page: Page) -> None:
    await write(page, "@finder_bot road")
    await expect(page.get_by_role("option")).to_have_count(20)
    await page.keyboard.press("Enter")
    await expect(page.locator(".row.theirs").last).to_contain_text("You said: @finder_bot road")


async def test_escape_closes_the_list_and_other_names_open_none(finder: BotProgram, page: Page) -> None:
    await write(page, "@finder_bot road")
    await expect(page.get_by_role("option")).to_have_count(20)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("option")).to_have_count(0)
    await write(page, "@nobody_bot road")
    await expect(page.locator(".inline-results")).to_be_hidden()


async def test_the_line_above_leads_to_the_bot(finder: BotProgram, page: Page) -> None:
    await write(page, "@finder_bot nothing")
    await page.get_by_role("button", name="Ask me in private").click()
    await expect(page.get_by_role("heading", name="Finder", level=1)).to_be_visible()


async def test_on_a_phone_the_list_stays_over_the_composer(finder: BotProgram, page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await write(page, "@finder_bot road")
    await expect(page.get_by_role("option")).to_have_count(20)
    listed = await page.locator(".inline-results").bounding_box()
    written = await page.get_by_role("textbox", name="Message").bounding_box()
    assert listed
    assert written
    assert (listed["x"], listed["width"]) == (0, 390)
    assert listed["y"] + listed["height"] <= written["y"]
    assert written["y"] + written["height"] <= 844
