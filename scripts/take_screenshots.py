"""Pictures of the front page and of a talk in the sandbox, taken from a running Kunak.

    python scripts/take_screenshots.py --base-url http://127.0.0.1:3000 --question "Когда откроют дорогу?"

With `--all`: phone and desktop, light and dark, Russian and English. Needs Chromium (`--chromium`).
"""

import argparse
import asyncio
import shutil
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
NAMES = {"ru": ("Алиса", "Начать"), "en": ("Alice", "Start")}
ANSWER_MS = 60_000


@dataclass(frozen=True)
class View:
    """How the pages are looked at."""

    size: str = "desktop"
    theme: str = "light"
    language: str = "ru"

    @property
    def suffix(self) -> str:
        return f"-{self.size}-{self.theme}-{self.language}"


async def open_page(browser: Browser, view: View) -> Page:
    width, height = SIZES[view.size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if view.theme == "dark" else "light",
        device_scale_factor=2,
    )
    return await context.new_page()


async def take_front_page(page: Page, base_url: str, view: View, path: Path) -> None:
    await page.goto(f"{base_url}/?lang={view.language}")
    await page.screenshot(path=path, full_page=True)


async def take_talk(page: Page, base_url: str, view: View, path: Path, question: str) -> None:
    """A new person asks the first bot of the list, and the picture shows the answer."""
    name, start = NAMES[view.language]
    await page.goto(f"{base_url}/sandbox?lang={view.language}")
    await page.evaluate(CREATE_PERSON, {"first_name": name, "language_code": view.language})
    await page.reload()
    await page.locator(".chat-row[data-key]").first.click()
    await page.get_by_role("button", name=start, exact=True).click()
    answers = page.locator(".row.theirs:not(.draft)")
    await expect(answers).not_to_have_count(0, timeout=ANSWER_MS)
    before = await answers.count()
    await page.locator(".composer textarea").fill(question)
    await page.keyboard.press("Enter")
    await expect(answers.nth(before)).to_be_visible(timeout=ANSWER_MS)
    await page.screenshot(path=path)


CREATE_PERSON = """async (profile) => {
  const { api } = JSON.parse(document.getElementById("page-data").textContent);
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${api}/users`, { method: "POST", headers, body: JSON.stringify(profile) });
  localStorage["kunak.sandbox.person"] = JSON.stringify(await answer.json());
}"""


async def take(options: argparse.Namespace) -> None:
    every = [View(*chosen) for chosen in product(SIZES, ("light", "dark"), NAMES)]
    options.out.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=options.chromium, args=ARGUMENTS)
        for view in every if options.all else [View()]:
            suffix = view.suffix if options.all else ""
            page = await open_page(browser, view)
            await take_front_page(page, options.base_url, view, options.out / f"front{suffix}.png")
            await take_talk(page, options.base_url, view, options.out / f"sandbox{suffix}.png", options.question)
            await page.context.close()
        await browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="http://127.0.0.1:3000")
    parser.add_argument("--question", default="Когда откроют дорогу на Приэльбрусье?")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--all", action="store_true", help="every size, theme and language")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    if options.chromium is None:
        print("No Chromium was found: install it, or name it with --chromium.")
        return 1
    options.base_url = options.base_url.rstrip("/")
    asyncio.run(take(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
