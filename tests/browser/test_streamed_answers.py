"""Alice watches an answer being written, and stops another in the middle."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import SANDBOX, Answers, Identity, UpdatesBy
from kunak.foundation.settings import Settings
from kunak.integrations.language_model.fake import FakeProvider, Manner
from kunak.processes import bot as bot_process
from kunak.processes import worker as worker_process
from kunak.processes.bootstrap import open_kunak
from tests.browser.conftest import House

pytestmark = pytest.mark.browser

PLAN = """## The pass

The road is **open** in these hours:

| day | hours |
|-----|-------|
| Mon | 8-18  |
| Tue | 9-17  |

- take *chains*
- fill up first

```python
def is_open(hour: int) -> bool:
    return 8 <= hour < 18
```

"""


@pytest.fixture
async def fake(house: House, database_url: str, tmp_path: Path) -> AsyncIterator[FakeProvider]:
    """A Kunak with one bot, whose answers have real tables, and a model that stops halfway until it is let go on."""
    telegram_bot, stop = house.add_bot("friend_bot", "Friend"), asyncio.Event()
    async with FakeProvider(manner=Manner(pauses=1)) as fake:
        settings = Settings(data_dir=tmp_path, model_url=fake.url, model_name="fake-1")
        base = f"{house.address}/sandbox"
        async with open_kunak(settings, database_url=database_url, sandbox_base=base) as kunak:
            async with kunak.sessions.begin() as session:
                doors, who = kunak.directory.doors, Identity(telegram_bot.id, "friend_bot", "Friend")
                by, base_name = UpdatesBy.POLLING, SANDBOX
                bot = await bots.save_bot(
                    session, doors, telegram_bot.token, who, updates_by=by, api_base=base_name, actor="alice"
                )
                await bots.set_answers(session, bot.id, Answers.RICH, actor="alice")
            working = [asyncio.create_task(each.run(kunak, stop)) for each in (bot_process, worker_process)]
            yield fake
            stop.set()
            await asyncio.gather(*working)


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")


async def test_a_long_answer_grows_and_becomes_a_message_and_another_is_stopped(fake: FakeProvider, page: Page) -> None:
    await page.locator(".chat-row", has_text="Friend").click()
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.locator(".row.theirs")).to_have_count(1)
    fake.say(PLAN + "So it is written. " * 30)
    await say(page, "Write a plan for the pass")
    await expect(page.locator(".row.draft")).to_contain_text("The road is open in these hours")
    fake.go_on()
    await expect(page.locator(".row.draft")).to_have_count(0)
    answer = page.locator(".row.theirs").last
    await expect(answer.locator("table td", has_text="9-17")).to_be_visible()
    await expect(answer.locator("pre", has_text="def is_open(hour: int) -> bool:")).to_be_visible()
    await expect(answer.locator(".list-item", has_text="take chains")).to_be_visible()
    fake.say(PLAN + "And so on. " * 200)
    await say(page, "Write a longer one")
    await expect(page.locator(".row.draft table td", has_text="9-17")).to_be_visible()
    await page.get_by_role("button", name="Stop the answer").click()
    await fake.until_somebody_hangs_up()
    await expect(page.locator(".row.theirs").last).to_contain_text("You stopped me here.")
    await expect(page.locator(".row.draft")).to_have_count(0)
    await expect(page.locator(".row.theirs")).to_have_count(3)
