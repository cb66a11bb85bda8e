"""Nobody is answered more often than a person can ask: one polite word a minute, then silence."""

from dataclasses import dataclass, replace

from kunak.features.conversations.reply import to_press, to_says
from kunak.features.messaging.schemas import Reply, Turn
from kunak.foundation.counting.interface import Counted, Counter
from kunak.foundation.language.words import Words, words_for
from kunak.integrations.telegram.incoming import IncomingMessage, IncomingPress
from kunak.integrations.telegram.text import FormattedText


@dataclass(frozen=True)
class Pace:
    """How many messages and presses of one person a minute are answered, by all bots and processes together."""

    counter: Counter
    most: int

    async def hold_message(self, turn: Turn, message: IncomingMessage) -> Reply | None:
        """What is said in place of an answer; None: it is not too fast."""
        counted = await self._count(turn, "person", message.sender_id)
        if counted is None:
            return None
        if not self._is_first(counted):
            return Reply(why=self._why)
        said = FormattedText().add(_slow_down(counted, words_for(message.language_code)))
        return Reply(to_says(said, message), why=self._why)

    async def hold_press(self, turn: Turn, press: IncomingPress) -> Reply | None:
        """The same for a button; every press is closed."""
        counted = await self._count(turn, "person", press.sender_id)
        if counted is None:
            return None
        words = _slow_down(counted, words_for(press.language_code)) if self._is_first(counted) else ""
        return Reply([to_press(press.id, words)], why=self._why)

    async def quieten(self, turn: Turn, message: IncomingMessage, reply: Reply) -> Reply:
        """What is done for a command that is always carried out: past the limit without a word. They are counted by
        themselves: who may not ask any more may still end what is being written.
        """
        if await self._count(turn, "command", message.sender_id) is None:
            return reply
        return replace(reply, says=(), why=f"Done without a word: more than {self.most} commands within a minute.")

    async def _count(self, turn: Turn, what: str, person_id: int | None) -> Counted | None:
        """None when it is not too fast. Counted once: who is tried again was let through before."""
        if person_id is None or turn.attempt > 1:
            return None
        counted = await self.counter.count(f"{what}:{person_id}")
        return counted if counted.count > self.most else None

    def _is_first(self, counted: Counted) -> bool:
        return counted.count == self.most + 1

    @property
    def _why(self) -> str:
        return f"Not answered: more than {self.most} messages of one person within a minute."


def _slow_down(counted: Counted, words: Words) -> str:
    return words.ngettext(
        "Not so fast, please: I answer again in %(n)s second.",
        "Not so fast, please: I answer again in %(n)s seconds.",
        counted.ends_in_s,
    )
