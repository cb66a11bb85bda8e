"""Talk and tasks, which nothing is looked up for, are answered by the model alone."""

from collections.abc import Sequence

from kunak.features.conversations.render.generated import stopped_text, with_notices, with_sources
from kunak.features.conversations.render.votes import vote_row
from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import GenerationMode, Outcome, Spoken
from kunak.features.conversations.service.consult import consult
from kunak.features.conversations.service.generate import Asked, Generated
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.memory import exchange, keeping, owing, recall
from kunak.features.conversations.service.spend import Silence, notices, why_not
from kunak.features.language_models.schemas import Refused
from kunak.features.messaging.schemas import Reply
from kunak.foundation.language.words import Words
from kunak.integrations.language_model.interface import Image, LanguageModel
from kunak.integrations.telegram.markdown import Links, from_markdown
from kunak.integrations.telegram.text import FormattedText


async def talk(
    library: Library,
    model: LanguageModel,
    spoken: Spoken,
    question: str,
    otherwise: str,
    *,
    images: Sequence[Image] = (),
) -> Reply:
    """`otherwise` is said when the model is not there, or says what it should not.

    Raises:
        ImagesRefusedError: there are pictures, and the model does not look at any.
    """
    history = await recall(library.reading, spoken, library.history_tokens)
    buttons = []
    generated = await consult(library, model, spoken, Asked(GenerationMode.FREE, question, history, images=images))
    if isinstance(generated, Refused | Silence):
        text = _instead(otherwise, generated, spoken.words)
        record = None
    else:
        shown, record = _shown(generated, question, spoken.words), generated.record
        text = with_notices(shown or FormattedText().add(otherwise), notices(record, spoken.words))
        buttons = [vote_row(record.key)] if shown else []
    said = exchange(_noted(question, images), text.text)
    keep = keeping(spoken, said, record, library.history_tokens)
    return Reply(to_says(text, spoken.message, buttons, spoken.bot.answers), keep, owed=owing(record))


def _instead(otherwise: str, why: Refused | Silence, words: Words) -> FormattedText:
    """What was declined, or is too long, is so later too: no other word goes before that one."""
    if why in (Silence.DECLINED, Silence.TOO_LONG):
        return FormattedText().add(why_not(why, words))
    return with_notices(FormattedText().add(otherwise), [why_not(why, words)])


def _noted(question: str, images: Sequence[Image]) -> str:
    """How a question with pictures is remembered: they themselves are not."""
    return f"{'[photo] ' * len(images)}{question}"


def _shown(generated: Generated, question: str, words: Words) -> FormattedText | None:
    """None when it must not be shown, or nothing is left to be."""
    if generated.record.outcome is Outcome.STOPPED:
        return stopped_text(generated.stopped_at, words, is_checked=True)
    body = from_markdown(generated.checked.text, Links(known=question))
    if generated.record.outcome is not Outcome.SAID or not body.text.strip():
        return None
    return with_sources(body, [], words, is_cut=generated.is_cut)
