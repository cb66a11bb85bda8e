"""Messages being written: previews that a person sees for a while, never part of the history."""

import asyncio
import time

from kunak.integrations.telegram.sandbox.refusals import JsonObject
from kunak.integrations.telegram.sandbox.state import Chat, Draft
from kunak.integrations.telegram.sandbox.world import World


def show(world: World, chat: Chat, draft_id: int, draft: Draft) -> None:
    """A draft with a new id takes the place of the one before in its thread."""
    for other in [key for key, known in chat.drafts.items() if known.message_thread_id == draft.message_thread_id]:
        del chat.drafts[other]
    chat.drafts[draft_id] = draft
    data: JsonObject = {"draft_id": draft_id, "can_stop": draft.can_stop, **draft.content}
    world.tell_pages("draft", chat, data)
    lifetime = max(draft.expires_at - time.monotonic(), 0)
    asyncio.get_running_loop().call_later(lifetime, _expire, world, chat, draft_id, draft)


def _expire(world: World, chat: Chat, draft_id: int, draft: Draft) -> None:
    if chat.drafts.get(draft_id) is draft:
        del chat.drafts[draft_id]
        world.tell_pages("draft_gone", chat, {"draft_id": draft_id})
