"""What a bot remembers of a conversation."""

import re
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.conversations.repository import generations, threads
from kunak.features.conversations.schemas import Generation, Spoken, SummariseThread, ThreadMessage
from kunak.features.language_models import service as language_models
from kunak.features.messaging.schemas import Keep
from kunak.foundation.db.engine import Sessions
from kunak.foundation.jobs.queue import enqueue
from kunak.foundation.language.languages import nearest
from kunak.integrations.language_model.interface import Message, Role, Text

MOST_TOKENS = 4_000
"""Of earlier messages, by our estimate, unless the settings say otherwise: they are paid for with every question."""
MOST_MESSAGES = 40
_LONGEST = 6_000
"""Characters that are remembered of one message."""
_TAG = re.compile(r"<(?=\s*/?\s*earlier)", re.IGNORECASE)


async def recall(sessions: Sessions, spoken: Spoken, most_tokens: int = MOST_TOKENS) -> list[ThreadMessage]:
    """What was said before in this thread, oldest first: as much of the newest as the budget holds, and the summary."""
    async with sessions() as session:
        newest = await threads.list_last_messages(session, spoken.place, besides=spoken.inbox_id, most=MOST_MESSAGES)
    summary = [each for each in newest[:1] if each.role == "summary"]
    left = most_tokens - sum(each.tokens for each in summary)
    return summary + trim(newest[len(summary) :], left)


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


def in_turns(history: Sequence[ThreadMessage], last: Message) -> tuple[Message, ...]:
    """`history` and the last message for a model. Person and bot take turns, as many models insist: two messages of one
    in a row are one.
    """
    turns: list[Message] = []
    for message in [*map(_to_message, history), last]:
        if turns and turns[-1].role is message.role:
            turns[-1] = Message(message.role, (*turns[-1].parts, *message.parts))
        else:
            turns.append(message)
    return tuple(turns)


def _to_message(said: ThreadMessage) -> Message:
    """A summary is data, between marks that it cannot close itself."""
    if said.role == "summary":
        return Message.user(f"<earlier>\n{_TAG.sub('‹', said.text)}\n</earlier>")
    return Message(Role(said.role), (Text(said.text),))


def exchange(question: str, answer: str) -> list[ThreadMessage]:
    """A question and what was said to it, as they are remembered. PostgreSQL takes no NUL."""
    asked, said = (text.replace("\0", " ")[:_LONGEST] for text in (question, answer))
    return [ThreadMessage("user", asked), ThreadMessage("assistant", said)]


def following_edit(spoken: Spoken, question: str) -> Keep:
    """The memory follows what a person changed; what was answered to it stays."""

    async def keep(session: AsyncSession) -> None:
        changed = ThreadMessage("user", question.replace("\0", " ")[:_LONGEST])
        await threads.change_question(session, spoken.place, spoken.message.message_id, changed)

    return keep


def last_question(history: Sequence[ThreadMessage]) -> str:
    """What was asked before; empty when nothing was."""
    return next((message.text for message in reversed(history) if message.role == "user"), "")


def owing(record: Generation | None) -> Keep | None:
    """What a model's part in an answer cost is paid, also when nobody gets to see it."""
    bill = record.bill if record is not None else None

    async def pay(session: AsyncSession) -> None:
        if bill is not None:
            await language_models.settle(session, bill)

    return None if bill is None else pay


def keeping(
    spoken: Spoken, messages: Sequence[ThreadMessage], record: Generation | None, most_tokens: int = MOST_TOKENS
) -> Keep:
    """Remembers `messages`, and a model's part in them, in the transaction in which the answer is written down.

    What grows too long for the budget is summed up by a job, after the answer.
    """

    async def keep(session: AsyncSession) -> None:
        language = nearest(spoken.message.language_code)
        asked_in = None if spoken.message.is_joined else spoken.message.message_id
        newer = await threads.add_messages_once(
            session, spoken.place, spoken.inbox_id, messages, language, asked_in=asked_in
        )
        if record is not None:
            await generations.add_generation(session, spoken.place, spoken.inbox_id, record)
            if record.bill is not None:
                await language_models.settle(session, record.bill)
        if newer.tokens > most_tokens or newer.messages > MOST_MESSAGES:
            await enqueue(session, [SummariseThread(newer.thread_id)], once=True)

    return keep
