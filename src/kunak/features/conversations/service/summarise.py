"""What grows too long to be told word for word is summed up, after the answer and out of its way."""

import logging
import time
from dataclasses import dataclass, field, replace

from kunak.features.conversations.repository import generations, threads
from kunak.features.conversations.schemas import (
    Generation,
    GenerationMode,
    Outcome,
    ThreadMessage,
    ThreadPlace,
    Unsummarised,
)
from kunak.features.conversations.service.memory import MOST_MESSAGES, MOST_TOKENS, trim
from kunak.features.conversations.service.prompts import fingerprint_of, prompt_of, rules_of
from kunak.features.language_models.schemas import Bookkeeping, Spender
from kunak.features.language_models.service import CountedModel
from kunak.foundation.db.engine import Sessions
from kunak.integrations.language_model.errors import LanguageModelError
from kunak.integrations.language_model.interface import Answer, LanguageModel, Message, Request, complete

log = logging.getLogger(__name__)

_LONGEST = 4_000
"""Characters of a summary: it is sent with every question."""
_MOST_TOKENS = 2_000
"""Of the answer, thinking included."""
_KEPT_MESSAGES = MOST_MESSAGES // 2
_MOST_AT_ONCE = 8_000
"""Tokens that are summed up by one request."""


@dataclass(frozen=True)
class Summarising:
    """Who sums up, and how much of a thread may stay as it is."""

    sessions: Sessions
    model: LanguageModel
    most_tokens: int = MOST_TOKENS
    books: Bookkeeping = field(default_factory=Bookkeeping)
    """By which it is counted."""


async def summarise(by: Summarising, thread_id: int) -> None:
    """Sum up all but the newest. When the model fails, nothing changes: the next answer asks for it again.

    However often it is begun, of each part one summary is kept.
    """
    more = True
    while more:
        async with by.sessions() as session:
            told = await threads.get_unsummarised(session, thread_id)
        older = what_gives_way(told, by.most_tokens // 2) if told is not None else []
        more = told is not None and bool(older) and await _sum_up(by, thread_id, told, older)


def what_gives_way(told: Unsummarised, kept_tokens: int) -> list[tuple[int, ThreadMessage]]:
    """Of the messages those that give way to a summary: whole exchanges, the oldest."""
    newest = trim([message for _, message in told.messages[-_KEPT_MESSAGES:]], kept_tokens)
    before = list(told.messages[: len(told.messages) - len(newest)])
    chosen: list[tuple[int, ThreadMessage]] = []
    tokens = 0
    for message_id, message in before:
        tokens += message.tokens
        if chosen and tokens > _MOST_AT_ONCE and message.role == "user":
            break
        chosen.append((message_id, message))
    return chosen


async def _sum_up(by: Summarising, thread_id: int, told: Unsummarised, older: list[tuple[int, ThreadMessage]]) -> bool:
    """Whether it was done, and nobody else did it meanwhile."""
    request, begun = _request(told.summary, [message for _, message in older]), time.monotonic()
    model = _counted(by, told.place)
    try:
        answer = await complete(model, request)
    except LanguageModelError as error:
        log.warning("conversations: thread %d stays as it is: %s", thread_id, error)
        return False
    summary = answer.text.replace("\0", " ").strip()[:_LONGEST]
    if not summary:
        return False
    prompt = await prompt_of(by.sessions, told.place.bot_id)
    record = _record(prompt.id, [message for _, message in older], answer, time.monotonic() - begun)
    record = replace(record, bill=model.bill)
    async with by.sessions.begin() as session:
        kept = await threads.keep_summary(session, thread_id, summary, after=told.up_to, up_to=older[-1][0])
        if kept:
            await generations.add_generation(session, told.place, told.inbox_id, record)
    return kept


def _counted(by: Summarising, place: ThreadPlace) -> CountedModel:
    """It is paid for by whose conversation it is: a private chat has the id of its person."""
    in_private = place.chat_id > 0
    spender = Spender(place.bot_id, None if in_private else place.chat_id, place.chat_id if in_private else None)
    return CountedModel(by.model, by.sessions, by.books, purpose="summary", spender=spender)


def _request(summary: str, older: list[ThreadMessage]) -> Request:
    said = "\n\n".join(f"{'Person' if each.role == 'user' else 'Assistant'}: {each.text}" for each in older)
    memory = f"The memory so far:\n\n{summary or '(none)'}\n\nWhat was said since:\n\n{said}"
    return Request((Message.user(memory),), rules_of(GenerationMode.SUMMARY), max_output_tokens=_MOST_TOKENS)


def _record(prompt_version_id: int, older: list[ThreadMessage], answer: Answer, seconds: float) -> Generation:
    usage = answer.finished.usage
    return Generation(
        mode=GenerationMode.SUMMARY,
        outcome=Outcome.SAID,
        question="",
        history=older,
        passages=[],
        prompt_version_id=prompt_version_id,
        rules=fingerprint_of(rules_of(GenerationMode.SUMMARY)),
        text=answer.text.replace("\0", " "),
        provider=answer.finished.provider,
        model=answer.finished.model,
        tokens_in=usage.input if usage else None,
        tokens_cached=usage.cached if usage else None,
        tokens_out=usage.output if usage else None,
        seconds=seconds,
    )
