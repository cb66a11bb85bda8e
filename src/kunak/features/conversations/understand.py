"""What does this message ask of the bot?"""

import re

from kunak.features.conversations.schemas import Request, Span, Talk, Wish
from kunak.features.understanding.schemas import Intent, Understanding
from kunak.features.understanding.service import Refines, is_small_talk, refine
from kunak.features.understanding.service import understand as understand_text
from kunak.foundation.clock import now
from kunak.integrations.telegram.attachments import AttachmentKind
from kunak.integrations.telegram.incoming import IncomingMessage

_COMMAND = re.compile(r"/(?P<name>\w{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<rest>.*))?\Z", re.DOTALL)
_COMMANDS = {
    "start": Wish.START,
    "help": Wish.HELP,
    "refresh": Wish.REFRESH,
    "stop": Wish.STOP,
    "forget": Wish.FORGET,
    "usage": Wish.USAGE,
    "mydata": Wish.MY_DATA,
    "language": Wish.LANGUAGE,
    "newbot": Wish.NEW_BOT,
}
_ALWAYS_OBEYED = frozenset({Wish.REFRESH, Wish.STOP})
_QUESTIONS = frozenset({"ask", "search"})

_INTENTS = {
    Intent.DIGEST: Wish.DIGEST,
    Intent.FIND_LISTING: Wish.FIND_LISTING,
    Intent.POST_LISTING: Wish.POST_LISTING,
}
_SURE = 0.75
"""Below it a text is taken for a question: a needless search costs less than a missed one."""

_TOYS = frozenset({AttachmentKind.STICKER, AttachmentKind.DICE, AttachmentKind.ANIMATION})
"""In a group they answer the bot as a nod would."""

_NEWS = "новости"
"""Asks for a digest, in either language."""
_SPANS = {
    Span.DAY: ("", "сегодня", "день", "за день", "сутки", "за сутки", "today", "day"),
    Span.WEEK: ("неделя", "неделю", "за неделю", "week", "this week"),
    Span.MONTH: ("месяц", "за месяц", "month", "this month"),
}

_TALK = {
    Talk.GREETING: r"привет\w*|здравствуй(те)?|здорово|хай|салам|ассаламу?|добр(ое|ый|ого|ой)|доброе утро|hi|hello|hey|"
    r"good (morning|day|evening|afternoon)|greetings",
    Talk.THANKS: r"спасибо\w*|спс|благодар\w+|мерси|thanks?|thank you|thx|cheers",
    Talk.GOODBYE: r"пока|до свидан\w+|до встречи|прощай(те)?|бывай(те)?|спокойной ночи|bye|goodbye|good ?night|"
    r"see you|farewell",
    Talk.ABOUT_YOU: r"(а )?(кто|что) (же )?ты\b|ты (кто|бот|человек)|как тебя|что (ты )?(умеешь|можешь)|помощь|"
    r"помоги|who are you|what are you|are you|what can you|your name|help",
    Talk.TASK: r"(пожалуйста |можешь |please |can you |could you )?(переведи|перевести|напиши|написать|сочини|придумай|"
    r"исправь|проверь|посчитай|вычисли|реши|расскажи (анекдот|шутку|сказку)|нарисуй|спой|объясни|translate|write|"
    r"compose|correct|fix|calculate|compute|solve|draw|sing|tell me a (joke|story)|explain|summari[sz]e)",
}
_PLEASANTRIES = re.compile(
    rf"(?:{_TALK[Talk.GREETING]})(?: (?:день|дня|вечер|вечера|утро|утра|алейкум|there))?[\s,.!)]+"
    r"(?:(?:ну |а )?как (?:(?:у (?:тебя|вас) |твои |ваши )?дела|ты|вы|жизнь|сам|настроение|поживае(?:шь|те))"
    r"|how are (?:you|u)(?: doing)?(?: today)?|how(?:'s| is) it going|what'?s up)\W*",
    re.IGNORECASE,
)
"""A greeting and a question that wants no answer: nothing else stands there, however unsure we are of the whole."""
_TALKS = {talk: re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE) for talk, pattern in _TALK.items()}


async def understand(
    message: IncomingMessage, username: str, refiner: Refines | None = None, *, bot_id: int = 0
) -> Request:
    """In private everything is for the bot; in a group only commands, mentions of it, and replies to it.

    `refiner`: who is asked where we are in doubt about what somebody wants; `bot_id`: Telegram's, of the bot.
    """
    if message.from_bot or (message.via_username or "").lower() == username.lower():
        return Request(Wish.NOTHING)
    text = message.text.strip()
    if command := _COMMAND.match(text):
        return _command(command, message, username)
    if not message.is_private and not _is_addressed(message, username, bot_id):
        return Request(Wish.NOTHING)
    if question := _without_mention(text, username):
        return _with_attachment(message, await _asked(question, refiner))
    return _without_words(message)


def _with_attachment(message: IncomingMessage, request: Request) -> Request:
    """A question under a picture is about the picture."""
    wish = _wish_of_attachment(message)
    return request if wish is None else Request(wish, request.text)


def _wish_of_attachment(message: IncomingMessage) -> Wish | None:
    if not message.attachments:
        return None
    if any(each.kind is AttachmentKind.PHOTO for each in message.attachments):
        return Wish.LOOK
    return Wish.LISTEN if any(each.is_sound for each in message.attachments) else Wish.NOT_TEXT


def _without_words(message: IncomingMessage) -> Request:
    """What hangs on the message; without any, what it answers is what is asked about."""
    if not message.is_private and any(each.kind in _TOYS for each in message.attachments):
        return Request(Wish.NOTHING)
    if wish := _wish_of_attachment(message):
        return Request(wish)
    if not message.is_private and message.quoted:
        return Request(Wish.QUESTION, message.quoted[0].text)
    return Request(Wish.NOTHING if message.is_private else Wish.HELP)


def is_always_obeyed(message: IncomingMessage, username: str) -> bool:
    """Whether it is a command that is carried out however fast somebody writes: it ends what they wait for."""
    command = _COMMAND.match(message.text.strip())
    return command is not None and _command(command, message, username).wish in _ALWAYS_OBEYED


def question_in(message: IncomingMessage, username: str) -> str:
    """The words of a message without the command or the mention that they were addressed by."""
    text = message.text.strip()
    command = _COMMAND.match(text)
    return (command["rest"] or "").strip() if command else _without_mention(text, username)


async def _asked(question: str, refiner: Refines | None) -> Request:
    if _PLEASANTRIES.fullmatch(question):
        return Request(Wish.SMALL_TALK, question, Talk.GREETING)
    understood = understand_text(question, now=now())
    if refiner is not None:
        understood = await refine(understood, question, refiner, now=now())
    if understood.intent is Intent.CHAT and (talk := _talk(question, understood)):
        return Request(Wish.SMALL_TALK, question, talk)
    if understood.intent in _INTENTS and understood.confidence >= _SURE:
        return Request(_INTENTS[understood.intent], question)
    return Request(Wish.QUESTION, question)


def _talk(text: str, understood: Understanding) -> Talk | None:
    """Which small talk it is; None when it may be a name that somebody looks for."""
    if understood.confidence < _SURE:
        return None
    begins = text.strip(' ,.!?:;()"«»').replace("ё", "е")
    named = next((talk for talk, pattern in _TALKS.items() if pattern.match(begins)), None)
    is_lone_word = begins.isalpha()  # it may be what somebody looks for, as long as nothing was looked up
    return named or (Talk.OTHER if not is_lone_word and is_small_talk(text, now=now()) else None)


def _command(command: re.Match[str], message: IncomingMessage, username: str) -> Request:
    addressee, name, rest = command["bot"], command["name"].lower(), (command["rest"] or "").strip()
    if addressee is not None and addressee.lower() != username.lower():
        return Request(Wish.NOTHING)
    if name in _QUESTIONS:
        return Request(Wish.QUESTION, rest) if rest else Request(Wish.HELP)
    if name == "digest":
        return _digest(rest)
    if name in _COMMANDS:
        return Request(_COMMANDS[name])
    # In a group an unknown command without a name is most likely meant for another bot.
    return Request(Wish.UNKNOWN_COMMAND if message.is_private or addressee else Wish.NOTHING)


def _digest(rest: str) -> Request:
    """`/digest` is of today; a word such as `week` tells another span, anything else what it is to be about."""
    word = rest.lower().strip(" .!?")
    for span, names in _SPANS.items():
        if word in names:
            return Request(Wish.DIGEST, _NEWS, span=span)
    return Request(Wish.DIGEST, f"{_NEWS} {rest}")


def _is_addressed(message: IncomingMessage, username: str, bot_id: int) -> bool:
    """By its id too: usernames change hands."""
    if message.reply_to_id is not None and bot_id:
        answers_it = message.reply_to_id == bot_id
    else:
        answers_it = (message.reply_to_username or "").lower() == username.lower()
    return answers_it or bot_id in message.mentioned_ids or _mention(username).search(message.text) is not None


def _without_mention(text: str, username: str) -> str:
    return _mention(username).sub("", text).strip(" ,:\n")


def _mention(username: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@{re.escape(username)}\b", re.IGNORECASE)
