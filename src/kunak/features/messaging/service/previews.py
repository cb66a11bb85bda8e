"""An answer that a group sees while it is written is one message, which its final text then replaces.

That one is to be sent is written down first, and which it became right after: a worker that dies in between leaves at
most one message of which nobody knows, and no try after it sends another.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from kunak.features.messaging.repository import previews
from kunak.features.messaging.schemas import (
    HeldMessage,
    InboxState,
    Limits,
    NotYet,
    PreviewLeave,
    Say,
    TurnResult,
)
from kunak.foundation.observability import metrics

_AGAIN_S = 1.0
_MINUTE_S = 60.0
_ENDS = (InboxState.COMPLETED, InboxState.TERMINAL)
_SENDS = frozenset({"sendMessage", "sendRichMessage"})
_CONTENT = frozenset({"text", "entities", "link_preview_options", "rich_message", "reply_markup"})


async def claim_preview(session: AsyncSession, held: HeldMessage, limits: Limits) -> PreviewLeave | NotYet | None:
    """Leave to show once what is written so far; NotYet while something else is to be said, or a limit is near; None
    when nothing may be shown any more.
    """
    chat = await previews.lock_held_chat(session, held)
    if chat is None:
        return None
    if (wait_s := _chat_wait(chat.sending.recent_ages, chat.sending.next_send_in, limits)) > 0:
        return NotYet(timedelta(seconds=wait_s))
    if await previews.has_waiting(session, held):
        return NotYet(timedelta(seconds=_AGAIN_S))
    is_first = await previews.begin_once(session, held.message_id)
    message_id = None if is_first else await previews.get_message_id(session, held.message_id)
    if not is_first and message_id is None:
        return None
    if not await previews.take_free_slot(session, held.chat.bot_id, 1 / limits.per_bot):
        if is_first:
            await previews.forget(session, held.message_id)
        return NotYet(timedelta(seconds=_AGAIN_S))
    await previews.note_send(session, held, 1 / limits.per_chat, limits.per_group)
    return PreviewLeave(message_id, chat.left_s)


def _chat_wait(recent_ages: Sequence[float], next_send_in: float, limits: Limits) -> float:
    """A quarter of what a group may be sent in a minute is left to answers themselves."""
    most = max(1, limits.per_group - limits.per_group // 4)
    in_a_minute = [0.0, next_send_in]
    if len(recent_ages) >= most:
        in_a_minute.append(_MINUTE_S - recent_ages[-most])
    return max(in_a_minute)


async def keep_preview(session: AsyncSession, inbox_id: int, message_id: int) -> bool:
    """Write down which message it became; False when the answer was given meanwhile, and nobody needs it."""
    return await previews.keep(session, inbox_id, message_id)


async def forget_preview(session: AsyncSession, inbox_id: int) -> None:
    """It was begun, and Telegram refused it: there is none."""
    await previews.forget(session, inbox_id)


async def with_previews(session: AsyncSession, results: Sequence[TurnResult]) -> list[TurnResult]:
    """The results with what they say said in place of their previews; a preview with nothing to replace it goes."""
    ended = {each.turn.message_id for each in results if each.turn.chat.chat_id < 0 and each.state in _ENDS}
    shown = await previews.take(session, sorted(ended)) if ended else {}
    metrics.MAYBE_TWICE.inc(sum(message_id is None for message_id in shown.values()))
    return [_with_preview(each, shown.get(each.turn.message_id)) for each in results]


def _with_preview(result: TurnResult, message_id: int | None) -> TurnResult:
    if message_id is None:
        return result
    says = list(result.says)
    place = next((place for place, each in enumerate(says) if each.method in _SENDS), None)
    if place is None:
        where = {"chat_id": result.turn.chat.chat_id, "message_id": message_id}
        return replace(result, says=(*says, Say("deleteMessage", where)))
    says[place] = to_replacing(says[place], message_id)
    return replace(result, says=tuple(says))


def to_replacing(say: Say, message_id: int) -> Say:
    """`say` as the new text of a message of ours; as a message of its own when that cannot be."""
    kept = {name: value for name, value in say.params.items() if name in _CONTENT}
    return Say("editMessageText", {"chat_id": say.params["chat_id"], "message_id": message_id} | kept, instead=say)
