"""What somebody wrote, sent or said is understood, and what they want is done."""

from collections.abc import Callable
from dataclasses import replace

from kunak.features.bots.schemas import Makers
from kunak.features.conversations.render.not_text import word_for
from kunak.features.conversations.render.talk import reply_to, talk_back
from kunak.features.conversations.reply import to_says
from kunak.features.conversations.schemas import Request, Spoken, Talk, Wish
from kunak.features.conversations.service.ask import answer_question
from kunak.features.conversations.service.forget import ask_whether_to_forget, begin_anew
from kunak.features.conversations.service.generate import LONGEST_QUESTION
from kunak.features.conversations.service.hear import hear
from kunak.features.conversations.service.language import offer_languages
from kunak.features.conversations.service.look import Library
from kunak.features.conversations.service.mydata import send_my_data
from kunak.features.conversations.service.new_bot import offer_new_bot
from kunak.features.conversations.service.see import see
from kunak.features.conversations.service.spend import spender_of
from kunak.features.conversations.service.stop import answer_stop
from kunak.features.conversations.service.talk import talk
from kunak.features.conversations.service.usage import tell_usage
from kunak.features.conversations.understand import understand
from kunak.features.messaging.schemas import Reply
from kunak.features.understanding.service import Refines, is_small_talk
from kunak.foundation.clock import now
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.text import FormattedText

_LOOKED_UP = frozenset({Wish.QUESTION, Wish.DIGEST, Wish.FIND_LISTING})
_PERCEIVED = frozenset({Wish.LOOK, Wish.LISTEN, Wish.NOT_TEXT})
_OBEYED: dict[Wish, Callable[[Spoken], Reply]] = {
    Wish.REFRESH: begin_anew,
    Wish.FORGET: ask_whether_to_forget,
    Wish.MY_DATA: send_my_data,
    Wish.LANGUAGE: offer_languages,
}


async def request_in(library: Library, spoken: Spoken) -> Request:
    """What is asked of the bot."""
    bot = spoken.bot
    return await understand(spoken.message, bot.username, _refiner(library, spoken), bot_id=bot.telegram_id)


async def is_asked(spoken: Spoken) -> bool:
    """Whether anything is asked of the bot; found out without a model."""
    bot = spoken.bot
    return (await understand(spoken.message, bot.username, bot_id=bot.telegram_id)).wish is not Wish.NOTHING


def _refiner(library: Library, spoken: Spoken) -> Refines | None:
    if library.refiner_for is None:
        return None
    return library.refiner_for(spender_of(spoken.bot.id, spoken.message))


async def fulfil(library: Library, makers: Makers, spoken: Spoken, request: Request) -> Reply:
    """`makers`: who may make bots."""
    if request.wish is Wish.NOTHING:
        return Reply()
    if library.model is not None and len(request.text) > LONGEST_QUESTION:
        return Reply(to_says(FormattedText().add(_too_long(request.text, spoken.words)), spoken.message))
    if request.wish in _LOOKED_UP:
        found = await answer_question(library, spoken, request)
        is_talk = found.has_nothing and is_small_talk(request.text, now=now())
        return await _talk(library, spoken, request) if is_talk else found
    if request.wish in _PERCEIVED:
        return await _perceive(library, makers, spoken, request)
    if request.wish is Wish.SMALL_TALK:
        return await _talk(library, spoken, request)
    return await _obey(library, makers, spoken, request.wish)


def _too_long(question: str, words: Words) -> str:
    return words.gettext(
        "Your message has %(length)s characters, and I can take %(most)s at once. Please ask in fewer words, or in "
        "parts.",
        length=len(question),
        most=LONGEST_QUESTION,
    )


async def _talk(library: Library, spoken: Spoken, request: Request) -> Reply:
    said = talk_back(request.talk, spoken.bot.name, spoken.words)
    if library.model is not None:
        otherwise = spoken.words.gettext("I cannot do that just now.") if request.talk is Talk.TASK else said
        return await talk(library, library.model, spoken, request.text, otherwise)
    return Reply(to_says(FormattedText().add(said), spoken.message))


async def _perceive(library: Library, makers: Makers, spoken: Spoken, request: Request) -> Reply:
    """A picture, a recording, or what we can only name."""
    if request.wish is Wish.LOOK:
        seen = await see(library, spoken, request.text)
        return seen.reply or await _answer_after(library, makers, spoken, seen.why_not, request.text)
    if request.wish is Wish.LISTEN:
        heard = await hear(library, spoken)
        return await _answer_after(library, makers, spoken, heard.word, f"{request.text}\n{heard.text}".strip())
    word = word_for(next(iter(spoken.message.attachments), None), spoken.words)
    return await _answer_after(library, makers, spoken, word, request.text)


async def _answer_after(library: Library, makers: Makers, spoken: Spoken, word: str, text: str) -> Reply:
    """A word of ours, and then the answer to `text`, as if nothing else had been sent to us."""
    first = to_says(FormattedText().add(word), spoken.message)
    if not text:
        return Reply(first)
    addressed = frozenset({spoken.bot.telegram_id})
    spoken = replace(spoken, message=replace(spoken.message, text=text, attachments=(), mentioned_ids=addressed))
    rest = await fulfil(library, makers, spoken, await request_in(library, spoken))
    return replace(rest, says=[*first, *rest.says])


async def _obey(library: Library, makers: Makers, spoken: Spoken, wish: Wish) -> Reply:
    """A command, or what no answer is looked up for."""
    if (obey := _OBEYED.get(wish)) is not None:
        return obey(spoken)
    if wish is Wish.STOP:
        return await answer_stop(library.reading, spoken)
    if wish is Wish.NEW_BOT and spoken.bot.is_manager:
        return offer_new_bot(spoken, makers)
    if wish is Wish.USAGE:
        return await tell_usage(library, spoken)
    said = reply_to(wish, spoken.bot.name, spoken.bot.username, spoken.words)
    return Reply(to_says(FormattedText().add(said), spoken.message))
