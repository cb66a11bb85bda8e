"""/stop, when its own turn comes: the answers it ended were ended when it arrived, by the ledger."""

from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import Spoken
from kunak.features.messaging import service as messaging
from kunak.features.messaging.schemas import Reply
from kunak.foundation.db.engine import Sessions
from kunak.integrations.telegram.text import FormattedText


async def answer_stop(sessions: Sessions, spoken: Spoken) -> Reply:
    """An answer that was ended says so itself: there is a word only where there was none."""
    message = spoken.message
    async with sessions() as session:
        if not message.is_private or await messaging.has_stopped_something(session, spoken.inbox_id):
            return Reply()
    said = spoken.words.gettext("I am not writing anything just now.")
    return Reply(to_says(FormattedText().add(said), message))
