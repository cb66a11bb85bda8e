"""The prompt a bot answers by: its own version, or the one that is shipped."""

import hashlib
from functools import cache
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.repository import prompts
from kunak.features.conversations.schemas import GenerationMode, PromptVersion
from kunak.foundation.db.engine import Sessions, one_statement
from kunak.foundation.db.events import record_event
from kunak.foundation.errors import InvalidInputError, NotFoundError

LONGEST_PROMPT = 16_000
"""Characters: it is sent, and paid for, with every question."""
SHIPPED = 0
"""The number by which people choose the shipped prompt."""
_FOLDER = Path(__file__).parents[1] / "prompts"
_RULES = {
    GenerationMode.GROUNDED: "grounded.md",
    GenerationMode.FREE: "free.md",
    GenerationMode.SUMMARY: "summary.md",
}


async def prompt_of(sessions: Sessions, bot_id: int) -> PromptVersion:
    """The version in use. The shipped one is written down when it is first used, so that an answer can name it."""
    async with one_statement(sessions) as session:
        used = await prompts.get_used(session, bot_id, shipped_prompt())
    return used or await _keep_shipped(sessions)


async def _keep_shipped(sessions: Sessions) -> PromptVersion:
    async with sessions.begin() as session:
        await prompts.lock_versions(session)
        kept = await prompts.get_shipped(session, shipped_prompt())
        return kept or await prompts.add_version(session, None, shipped_prompt(), "shipped")


@cache
def shipped_prompt() -> str:
    return _read("default.md")


@cache
def rules_of(mode: GenerationMode) -> str:
    """What is always added, whatever the prompt says."""
    return _read(_RULES[mode])


def fingerprint_of(rules: str) -> str:
    return hashlib.sha256(rules.encode()).hexdigest()[:16]


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


async def edit_prompt(session: AsyncSession, bot_id: int, wording: str, *, note: str, actor: str) -> PromptVersion:
    """A new version, in use from now on.

    Raises:
        InvalidInputError: it is empty, or too long.
    """
    wording = check_prompt(wording)
    await prompts.lock_versions(session)
    added = await prompts.add_version(session, bot_id, wording, note.replace("\0", " ").strip())
    await use_prompt(session, bot_id, added.number, actor=actor)
    return added


async def use_prompt(session: AsyncSession, bot_id: int, number: int, *, actor: str) -> None:
    """Have the bot answer by this version from now on; `SHIPPED` for the shipped one.

    Raises:
        NotFoundError: there is no such version.
    """
    await prompts.lock_versions(session)
    if not await prompts.use_version(session, bot_id, None if number == SHIPPED else number):
        raise _no_such_version(number)
    record_event(session, actor=actor, what="prompt.used", thing=f"bot:{bot_id}", number=number)


async def read_prompt(session: AsyncSession, bot_id: int, number: int) -> str:
    """The wording of a version of the bot's; `SHIPPED` for the shipped one.

    Raises:
        NotFoundError: there is no such version.
    """
    if number == SHIPPED:
        return shipped_prompt()
    wording = await prompts.get_wording(session, bot_id, number)
    if wording is None:
        raise _no_such_version(number)
    return wording


async def list_prompts(session: AsyncSession, bot_id: int) -> list[PromptVersion]:
    """The bot's own versions, newest first."""
    return await prompts.list_versions(session, bot_id)


def _no_such_version(number: int) -> NotFoundError:
    return NotFoundError(f"The bot has no prompt version {number}.")


def check_prompt(wording: str) -> str:
    """
    Raises:
        InvalidInputError: it cannot be a prompt.
    """
    wording = wording.replace("\r\n", "\n").strip()
    if not wording:
        raise InvalidInputError("The prompt is empty; nothing was changed.")
    if len(wording) > LONGEST_PROMPT:
        raise InvalidInputError(
            f"The prompt has {len(wording):,} characters; at most {LONGEST_PROMPT:,} are taken, since it is sent with "
            "every question. Nothing was changed."
        )
    if "\0" in wording:
        raise InvalidInputError("The prompt holds characters that are no text; nothing was changed.")
    return wording
