"""The people of the chaos: everyone asks questions that only one document answers, and every answer is judged."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from kunak.features.ingestion.schemas import NewDocument, SourceKind, SourceName
from kunak.integrations.telegram.sandbox import groups
from kunak.integrations.telegram.sandbox.call_log import CallRecord
from kunak.integrations.telegram.sandbox.faults import FaultKind
from kunak.integrations.telegram.sandbox.sandbox import Sandbox
from kunak.integrations.telegram.sandbox.state import Chat, Person, SandboxBot

_WORD = re.compile(r"\b[a-z]{12}\b")
_SOURCE = SourceName(SourceKind.JSONL, "chaos", "Бюро пропусков")


@dataclass(frozen=True)
class Question:
    """A word that stands in one document and in one message only, and where it is asked."""

    word: str
    chat: int

    def document(self) -> NewDocument:
        return NewDocument(_SOURCE, self.word, "Пропуск", f"Пропуск {self.word} лежит в конторе.", None, None)


@dataclass
class Town:
    """Chats, half of them groups, and what was asked and answered in them."""

    sandbox: Sandbox
    bot: SandboxBot
    chats: list[tuple[Chat, Person]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    first_answers: list[str] = field(default_factory=list)
    _seen: int = 0

    @classmethod
    def found(cls, sandbox: Sandbox, bot: SandboxBot, *, chats: int, questions: int, chance: random.Random) -> "Town":
        town = cls(sandbox, bot)
        for number in range(chats):
            person = sandbox.create_person(f"Житель {number}", language_code="ru")
            private = number % 2 == 0
            chat = (
                sandbox.private_chat(bot, person)
                if private
                else groups.create(sandbox.world, f"Улица {number}", [person], [bot])
            )
            town.chats.append((chat, person))
        words = _distinct_words(chance)
        town.questions = [Question(next(words), chance.randrange(chats)) for _ in range(questions)]
        return town

    def ask(self, question: Question) -> None:
        chat, person = self.chats[question.chat]
        mention = "" if chat.is_private else f"@{self.bot.username} "
        self.sandbox.say(chat, person, f"{mention}{question.word}")

    async def wait_until_answered(self, count: int, *, within_s: float) -> None:
        """Returns once `count` different questions were answered.

        Raises:
            TimeoutError: no answer came for `within_s` seconds.
        """
        while self.look() < count:
            await self.sandbox.world.calls.wait_for(_is_sent, after=self._seen, timeout_s=within_s)

    def look(self) -> int:
        """Read what was sent since the last look; how many different questions are answered by now."""
        for record in self.sandbox.calls(self.bot, "sendMessage"):
            if record.number > self._seen and _is_sent(record):
                self._note(str(record.params.get("text")))
        self._seen = self.sandbox.world.calls.last_number
        return len(self.first_answers)

    def _note(self, text: str) -> None:
        for word in _WORD.findall(text):
            if not self.answers[word]:
                self.first_answers.append(word)
            self.answers[word] += 1

    def overtaken(self, asked: list[str]) -> dict[str, str]:
        """Words whose first answer came after that of a question asked later in the same chat, and that question.

        `asked`: all words in the order of their updates.
        """
        place = {word: number for number, word in enumerate(asked)}
        chat_of = {question.word: question.chat for question in self.questions}
        latest: dict[int, str] = {}
        overtaken = {}
        for word in self.first_answers:
            before = latest.setdefault(chat_of[word], word)
            if place[word] < place[before]:
                overtaken[word] = before
            else:
                latest[chat_of[word]] = word
        return overtaken


def break_things(sandbox: Sandbox) -> None:
    """Everything that goes wrong with Telegram, without end: about every eighth send, every tenth update."""
    for kind, method, probability in (
        (FaultKind.TOO_MANY_REQUESTS, None, 0.03),
        (FaultKind.INTERNAL_ERROR, None, 0.03),
        (FaultKind.BAD_GATEWAY, None, 0.01),
        (FaultKind.DROP_BEFORE, None, 0.02),
        (FaultKind.DROP_AFTER, None, 0.02),
        (FaultKind.HANG, "sendMessage", 0.005),
        (FaultKind.DUPLICATE_UPDATE, "message", 0.05),
        (FaultKind.OUT_OF_ORDER_UPDATE, "message", 0.05),
    ):
        sandbox.break_next(kind, method=method, probability=probability, times=None, retry_after=1, seconds=10.0)


def _is_sent(record: CallRecord) -> bool:
    return record.method == "sendMessage" and record.error is None


def _distinct_words(chance: random.Random) -> Iterator[str]:
    seen = set()
    while True:
        word = "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(6))
        if word not in seen:
            seen.add(word)
            yield word
