"""What a bot remembers of a conversation."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.repository import generations, threads
from kunak.features.conversations.schemas import Generation, Spoken, ThreadMessage
from kunak.features.language_models import service as language_models
from kunak.features.messaging.schemas import Keep
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import nearest

_MOST_TOKENS = 4_000
"""Of earlier messages, by our estimate: they are paid for anew with every question."""
_MOST_MESSAGES = 40
_LONGEST = 6_000
"""Characters that are remembered of one message."""


async def recall(sessions: Sessions, spoken: Spoken) -> list[ThreadMessage]:
    """What was said before in this thread, oldest first: as much of the newest as the budget holds."""
    async with sessions() as session:
        newest = await threads.list_last_messages(session, spoken.place, besides=spoken.inbox_id, most=_MOST_MESSAGES)
    return trim(newest, _MOST_TOKENS)


def trim(messages: Sequence[ThreadMessage], most_tokens: int) -> list[ThreadMessage]:
    """The newest that fit, beginning with a question: an answer without its question would only mislead."""
    kept: list[ThreadMessage] = []
    left = most_tokens
    for message in reversed(messages):
        left -= message.tokens
        if left < 0:
            break
        kept.insert(0, message)
    while kept and kept[0].role != "user":
        del kept[0]
    return kept


def exchange(question: str, answer: str) -> list[ThreadMessage]:
    """A question and what was said to it, as they are remembered. PostgreSQL takes no NUL."""
    asked, said = (text.replace("\0", " ")[:_LONGEST] for text in (question, answer))
    return [ThreadMessage("user", asked), ThreadMessage("assistant", said)]


def last_question(history: Sequence[ThreadMessage]) -> str:
    """What was asked before; empty when nothing was."""
    return next((message.text for message in reversed(history) if message.role == "user"), "")


def keeping(spoken: Spoken, messages: Sequence[ThreadMessage], record: Generation | None) -> Keep:
    """Remembers `messages`, and a model's part in them, in the transaction in which the answer is written down."""

    async def keep(session: AsyncSession) -> None:
        language = nearest(spoken.message.language_code)
        await threads.add_messages_once(session, spoken.place, spoken.inbox_id, messages, language)
        if record is not None:
            await generations.add_generation(session, spoken.place, spoken.inbox_id, record)
            if record.bill is not None:
                await language_models.settle(session, record.bill)

    return keep
