"""A model is asked, and what it says is checked before anybody sees it."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from kunak.features.conversations.schemas import (
    Generation,
    GenerationMode,
    Outcome,
    PromptVersion,
    Spoken,
    ThreadMessage,
)
from kunak.features.conversations.service.cite import Checked, keep_supported
from kunak.features.conversations.service.confidence import Confidence
from kunak.features.conversations.service.listen import Heard
from kunak.features.conversations.service.memory import in_turns
from kunak.features.conversations.service.prompts import fingerprint_of, prompt_of, rules_of
from kunak.features.conversations.service.suggest import Suggested, split_suggestions
from kunak.features.search.schemas import Citation, Hit
from kunak.foundation.clock import now
from kunak.foundation.db.engine import Sessions
from kunak.integrations.language_model.interface import (
    FinishReason,
    Image,
    Message,
    Part,
    Passage,
    Quote,
    Request,
    Text,
)
from kunak.integrations.telegram.quotes import Quoted
from kunak.integrations.telegram.text import FormattedText
from kunak.integrations.telegram.unfinished import close

LONGEST_QUESTION = 8_000
"""Characters that are sent to a model."""
_LONGEST_PASSAGE = 2_000
_LONGEST_QUOTE, _MOST_QUOTED = 2_000, 8_000
_MOST_TOKENS, _FEWEST_TOKENS = 4_000, 1_000
"""Of an answer, thinking included. Some servers count it to what they are asked."""
_FEWEST_PASSAGES = 2
NOT_FOUND = "NOT_FOUND"
"""By which a model says that the passages hold no answer."""
_RULES_IN_A_ROW, _PROMPT_IN_A_ROW = 12, 25
"""Words of ours in an answer that are no accident; of a prompt more, since it may hold facts to be told."""


@dataclass(frozen=True)
class Asked:
    """What a model is asked."""

    mode: GenerationMode
    question: str
    history: Sequence[ThreadMessage] = ()
    passages: Sequence[tuple[Citation, Hit]] = ()
    images: Sequence[Image] = ()
    model: str = ""
    """Empty: the one of the settings."""
    most_tokens: int = _MOST_TOKENS


@dataclass(frozen=True)
class Generated:
    """What it said: the record of it, and of that what may be shown."""

    record: Generation
    checked: Checked
    is_cut: bool
    """It had more to say than there was room for."""
    suggested: tuple[str, ...] = ()
    """Questions that it says may come next; nobody has looked for their answers."""
    stopped_at: FormattedText = field(default_factory=FormattedText)
    """Of an answer that was stopped: what may be shown of it, though it was not checked."""


@dataclass(frozen=True)
class Told:
    """What the model is told in confidence."""

    prompt: PromptVersion
    rules: str

    def leaks(self, text: str) -> bool:
        """Whether a good part of it stands in `text`."""
        return any(each.is_in(text) for each in self._confidences)

    def safe_beginning(self, text: str) -> str:
        """Unfinished `text` without an end that may become a leak."""
        return min((each.safe_beginning(text) for each in self._confidences), key=len)

    @cached_property
    def _confidences(self) -> tuple[Confidence, Confidence]:
        return Confidence(self.rules, _RULES_IN_A_ROW), Confidence(self.prompt.text, _PROMPT_IN_A_ROW)


Hear = Callable[[Request, Told], Awaitable[Heard]]
"""Asks a model, and waits for what it says."""


async def generate(sessions: Sessions, hear: Hear, spoken: Spoken, asked: Asked) -> Generated:
    """
    Raises:
        LanguageModelError: there is no answer.
    """
    told = Told(await prompt_of(sessions, spoken.bot.id), rules_of(asked.mode))
    begun = time.monotonic()
    heard = await hear(_request(spoken, asked, told), told)
    text = heard.text.replace("\0", " ").strip()
    suggested = _suggested(asked, text)
    checked = _check(asked, suggested.text if heard.finished else close(suggested.text))
    outcome = _judge(asked, text, checked, told, is_whole=heard.finished is not None)
    record = _record(asked, told, replace(heard, text=text), outcome, time.monotonic() - begun)
    is_cut = heard.finished is not None and heard.finished.reason is FinishReason.LENGTH
    return Generated(record, checked, is_cut, suggested.questions, heard.shown)


def shortened(asked: Asked) -> Asked | None:
    """The same with less around it: first without what was said before, then with the best passages alone, and less
    room for the answer. None when nothing more can be left out.
    """
    if asked.history:
        return replace(asked, history=())
    if asked.most_tokens == _FEWEST_TOKENS:
        return None
    return replace(asked, passages=asked.passages[:_FEWEST_PASSAGES], most_tokens=_FEWEST_TOKENS)


def _request(spoken: Spoken, asked: Asked, told: Told) -> Request:
    today = f"Today is {now():%A, %d %B %Y}."
    instructions = "\n\n".join([told.prompt.text.replace("{name}", spoken.bot.name), today, told.rules])
    last: list[Part] = [_passage(citation, hit) for citation, hit in asked.passages]
    last += _quotes(spoken.message.quoted)
    last += [*asked.images, Text(asked.question)]
    messages = in_turns(asked.history, Message.user(*last))
    return Request(messages, instructions, model=asked.model, max_output_tokens=asked.most_tokens)


def _quotes(quoted: Sequence[Quoted]) -> Iterator[Quote]:
    """As many as fit: a hundred messages may be forwarded at once."""
    left = _MOST_QUOTED
    for each in quoted:
        text = each.text[: min(_LONGEST_QUOTE, left)]
        left -= len(text)
        if text:
            yield Quote(text, each.author)


def _passage(citation: Citation, hit: Hit) -> Passage:
    """With its day, since what is true of a place changes."""
    day = f", {hit.published_at:%Y-%m-%d}" if hit.published_at else ""
    return Passage(citation.number, hit.text[:_LONGEST_PASSAGE], f"{hit.title}{day}")


def _suggested(asked: Asked, text: str) -> Suggested:
    """Only from passages is it asked for; elsewhere such a line is what the person wanted."""
    return split_suggestions(text) if asked.mode is GenerationMode.GROUNDED else Suggested(text, ())


def _check(asked: Asked, text: str) -> Checked:
    if asked.mode is GenerationMode.FREE:
        return Checked(text, (), left_out=False)
    return keep_supported(text, {citation.number for citation, _ in asked.passages})


def _judge(asked: Asked, text: str, checked: Checked, told: Told, *, is_whole: bool) -> Outcome:
    if told.leaks(text):
        return Outcome.LEAKED
    if not is_whole:
        return Outcome.STOPPED
    if asked.mode is GenerationMode.GROUNDED and (not checked.cited or NOT_FOUND in checked.text):
        return Outcome.NOT_FOUND if NOT_FOUND in text else Outcome.UNSUPPORTED
    return Outcome.SAID if checked.text else Outcome.UNSUPPORTED


def _record(asked: Asked, told: Told, heard: Heard, outcome: Outcome, seconds: float) -> Generation:
    finished = heard.finished
    usage = finished.usage if finished else None
    return Generation(
        mode=asked.mode,
        outcome=outcome,
        question=asked.question.replace("\0", " "),
        history=asked.history,
        passages=[_reference(citation, hit) for citation, hit in asked.passages],
        prompt_version_id=told.prompt.id,
        rules=fingerprint_of(told.rules),
        text=heard.text,
        provider=finished.provider if finished else "",
        model=finished.model if finished else "",
        tokens_in=usage.input if usage else None,
        tokens_cached=usage.cached if usage else None,
        tokens_out=usage.output if usage else None,
        seconds=seconds,
    )


def _reference(citation: Citation, hit: Hit) -> dict[str, object]:
    return {
        "number": citation.number,
        "kind": hit.kind,
        "thing": hit.thing_id,
        "passage": hit.passage,
        "reference": hit.reference,
        "title": hit.title,
        "text": hit.text[:_LONGEST_PASSAGE],
    }
