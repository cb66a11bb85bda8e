"""`kunak feedback …`: what people think of answers."""

from typing import Any

from kunak.features.bots import service as bots
from kunak.features.bots.schemas import Bot
from kunak.features.conversations import service as conversations
from kunak.features.conversations.schemas import Feedback, GenerationMode
from kunak.foundation.errors import NotFoundError
from kunak.foundation.language.detect import detect_language
from kunak.foundation.language.languages import DEFAULT
from kunak.processes.bootstrap import Kunak


async def list_feedback(kunak: Kunak, *, bot: str | None, only_down: bool, limit: int) -> list[tuple[Feedback, str]]:
    """The answers voted on last, each with the name of its bot."""
    async with kunak.sessions() as session:
        named = await bots.find_bot(session, bot) if bot else None
        found = await conversations.list_feedback(
            session, bot_id=None if named is None else named.id, only_down=only_down, limit=limit
        )
        return [(each, (await bots.get_bot(session, each.bot_id)).username) for each in found]


async def show_feedback(kunak: Kunak, number: int) -> tuple[Feedback, Bot]:
    """
    Raises:
        NotFoundError: nobody voted on such an answer.
    """
    async with kunak.sessions() as session:
        found = await conversations.get_feedback(session, number)
        if found is None:
            raise NotFoundError(f"Nobody voted on an answer {number}; `kunak feedback list` shows those there are.")
        return found, await bots.get_bot(session, found.bot_id)


def to_json(found: Feedback, bot: str) -> dict[str, Any]:
    """All it takes to ask the same again, as JSON values."""
    made = found.generation
    return {
        "id": found.id,
        "bot": bot,
        "at": found.at.isoformat(),
        "up": found.tally.ups,
        "down": found.tally.downs,
        "mode": made.mode.value,
        "question": made.question,
        "history": [{"role": each.role, "text": each.text} for each in made.history],
        "answer": made.text,
        "passages": list(made.passages),
        "follow_ups": list(made.follow_ups),
        "prompt": {"number": found.prompt_number, "shipped": found.prompt_is_shipped, "text": found.prompt},
        "rules": made.rules,
        "provider": made.provider,
        "model": made.model,
        "tokens": {"in": made.tokens_in, "cached": made.tokens_cached, "out": made.tokens_out},
        "seconds": round(made.seconds, 3),
    }


def to_golden(found: Feedback) -> dict[str, Any] | None:
    """As `kunak eval questions import` takes it; None for an answer that was made from no passages.

    What an answer that people liked named is what makes one right; of a disliked one only the question is known.
    """
    made = found.generation
    if made.mode is not GenerationMode.GROUNDED:
        return None
    golden: dict[str, Any] = {
        "question": made.question,
        "language": detect_language(made.question, otherwise=DEFAULT).value,
        "note": f"{found.tally.ups} up, {found.tally.downs} down: answer {found.id}",
    }
    if found.tally.downs >= found.tally.ups:
        return golden | {"origin": "disliked"}
    named = [str(each["reference"]) for each in made.passages if f"[{each['number']}]" in made.text]
    return golden | {"origin": "hand", "references": list(dict.fromkeys(named))}
