"""`kunak bot prompt …`: the versions of a bot's prompt from the command line."""

from collections.abc import Sequence

from kunak.features.bots import service as bots
from kunak.features.conversations import service as conversations
from kunak.features.conversations.schemas import PromptVersion
from kunak.processes.bootstrap import Kunak
from kunak.processes.commands.bots import ACTOR


async def show_prompt(kunak: Kunak, name: str) -> str:
    """What the bot answers by."""
    async with kunak.sessions() as session:
        bot = await bots.find_bot(session, name)
    return (await conversations.prompt_of(kunak.sessions, bot.id)).text


async def read_prompts(kunak: Kunak, name: str, numbers: Sequence[int]) -> list[str]:
    """The wordings of these versions.

    Raises:
        NotFoundError: the bot lacks one of them.
    """
    async with kunak.sessions() as session:
        bot = await bots.find_bot(session, name)
        return [await conversations.read_prompt(session, bot.id, number) for number in numbers]


async def list_prompts(kunak: Kunak, name: str) -> list[PromptVersion]:
    async with kunak.sessions() as session:
        bot = await bots.find_bot(session, name)
        return await conversations.list_prompts(session, bot.id)


async def edit_prompt(kunak: Kunak, name: str, wording: str, note: str) -> PromptVersion:
    """
    Raises:
        InvalidInputError: it cannot be a prompt.
    """
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        return await conversations.edit_prompt(session, bot.id, wording, note=note, actor=ACTOR)


async def use_prompt(kunak: Kunak, name: str, number: int) -> None:
    """
    Raises:
        NotFoundError: the bot has no such version.
    """
    async with kunak.sessions.begin() as session:
        bot = await bots.find_bot(session, name)
        await conversations.use_prompt(session, bot.id, number, actor=ACTOR)
