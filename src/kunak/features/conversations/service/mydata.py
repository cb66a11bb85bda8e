"""A person gets everything that a bot keeps of them, as a document."""

from typing import Any

import orjson

from kunak.features.conversations.reply import place
from kunak.features.conversations.repository import languages, personal, votes
from kunak.features.conversations.schemas import Spoken
from kunak.features.language_models import service as language_models
from kunak.features.messaging.schemas import MADE_AT_DELIVERY, ChatKey, Reply, Say
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.words import words_for
from kunak.integrations.telegram.interface import Upload

MY_DATA = "mydata"
"""By this name the document is asked for when it is delivered."""


def send_my_data(spoken: Spoken) -> Reply:
    """The document is made when it is sent: nothing of it waits in the outbox. Only in a private chat."""
    words, where = words_for(spoken.message.language_code), place(spoken.message)
    if not spoken.message.is_private:
        said = words.gettext("I tell this only in a private chat with me.")
        return Reply([Say("sendMessage", where | {"text": said})])
    caption = words.gettext("Everything I remember of you. /forget erases it.")
    document = {"document": {MADE_AT_DELIVERY: MY_DATA}, "caption": caption}
    return Reply([Say("sendDocument", where | document)])


async def make_document(reading: Sessions, chat: ChatKey) -> Upload:
    """JSON of what is kept of a private chat, whose number is its person's."""
    async with reading() as session:
        kept: dict[str, Any] = await personal.list_of_chat(session, chat.bot_id, chat.chat_id)
        [language] = await languages.list_chosen(session, [(chat.bot_id, chat.chat_id)])
        kept["votes"] = [vars(each) for each in await votes.list_votes_of(session, chat.bot_id, chat.chat_id)]
        kept["usage"] = await language_models.list_calls_of(session, chat.bot_id, chat.chat_id)
    at = now()
    told = {"person": chat.chat_id, "made_at": at, "language": language} | kept
    return Upload(f"my-data-{at:%Y-%m-%d}.json", orjson.dumps(told, option=orjson.OPT_INDENT_2), "application/json")
