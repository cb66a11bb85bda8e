"""What somebody says into the microphone is written down, and then answered as if it had been written."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from kunak.features.conversations.schemas import Spoken
from kunak.features.conversations.service.look import Ears, Library
from kunak.features.conversations.service.spend import ask_leave_to_listen, why_not
from kunak.features.language_models.schemas import Reason, Refused
from kunak.features.language_models.service import close_hearing, give_back
from kunak.features.messaging import service as messaging
from kunak.foundation.errors import KunakError
from kunak.foundation.language.words import Words
from kunak.integrations.model_endpoint.errors import ModelUnusableError, TextRefusedError
from kunak.integrations.telegram.attachments import Attachment
from kunak.integrations.telegram.file_types import sound_extension
from kunak.integrations.telegram.files import FileGoneError, FileTooLargeError, TelegramFiles
from kunak.integrations.telegram.interface import BotAccess, TelegramUnavailableError, TokenRefusedError
from kunak.integrations.transcription.interface import Sound, Transcript

log = logging.getLogger(__name__)

_SHOWN = 300
"""Characters of what was heard that are repeated."""


@dataclass(frozen=True)
class Heard:
    """What was said, empty when nothing could be heard; and the word about it that is said first."""

    text: str
    word: str


async def hear(library: Library, spoken: Spoken) -> Heard:
    """The first sound of a message. Telegram being away is not our failure to hear: that is tried again."""
    words, ears = spoken.words, library.ears
    sound = next(each for each in spoken.message.attachments if each.is_sound)
    if ears is None or library.files is None or spoken.access is None:
        return Heard("", words.gettext("I cannot listen yet: please write your question in words."))
    load = partial(_load, library.files, ears, spoken.access, sound)
    listen = partial(_listen, library, ears, spoken, sound, load)
    try:
        heard = await ears.hearings.of((spoken.inbox_id, sound.file_id), listen)
    except (TelegramUnavailableError, TokenRefusedError):
        raise
    except KunakError as error:
        await _note(library, error)
        return Heard("", _why_not(error, ears, words))
    if isinstance(heard, Refused):
        return Heard("", _cannot_now(words) if heard.reason is Reason.UNPRICED else _past_the_budget(heard, words))
    return _told(heard.text, words)


def _told(text: str, words: Words) -> Heard:
    if not text:
        return Heard("", words.gettext("I heard no words in it."))
    return Heard(text, words.gettext("I heard: “%(text)s”", text=_short(text)))


async def _listen(
    library: Library, ears: Ears, spoken: Spoken, sound: Attachment, load: Callable[[], Awaitable[Sound]]
) -> Transcript | Refused:
    """What was heard, and is counted. Nobody is paid who said no, or was not asked yet when it ended."""
    leave = await ask_leave_to_listen(library, ears, spoken, sound)
    if isinstance(leave, Refused):
        return leave
    is_sent = False
    try:
        loaded = await load()
        is_sent = True
        transcript = await ears.transcriber.transcribe(loaded)
    except BaseException as error:
        is_free = not is_sent or isinstance(error, KunakError)
        sessions = library.sessions
        books = give_back(sessions, leave) if is_free else close_hearing(sessions, leave, None)
        await asyncio.shield(books)
        raise
    await asyncio.shield(close_hearing(library.sessions, leave, transcript.seconds or sound.seconds))
    return transcript


async def _load(files: TelegramFiles, ears: Ears, access: BotAccess, sound: Attachment) -> Sound:
    if (sound.seconds or 0) > ears.most_seconds or (sound.size or 0) > ears.most_bytes:
        raise FileTooLargeError
    if not sound.file_id:
        raise FileGoneError
    content = await files.load(access, sound.file_id, most_bytes=ears.most_bytes)
    extension = sound_extension(content)
    if extension is None:
        raise TextRefusedError("It is no sound.")
    return Sound(content, extension)


async def _note(library: Library, error: Exception) -> None:
    """The log hears of every failure of the server, admins of what only they can mend."""
    if isinstance(error, FileGoneError | FileTooLargeError):
        return
    log.warning("conversations: a voice message was not heard: %s", error)
    if isinstance(error, ModelUnusableError):
        async with library.sessions.begin() as session:
            await messaging.raise_alert(session, "transcription-blocked", f"Voice messages are not heard. {error}")


def _why_not(error: Exception, ears: Ears, words: Words) -> str:
    match error:
        case FileTooLargeError():
            return words.gettext(
                "This recording is too long for me: I can listen to %(minutes)s min and %(megabytes)s MB at most.",
                minutes=max(1, ears.most_seconds // 60),
                megabytes=ears.most_bytes // 2**20,
            )
        case FileGoneError() | TextRefusedError():
            return words.gettext("I could not open the recording: please say it again, or write it in words.")
        case _:
            return _cannot_now(words)


def _past_the_budget(leave: Refused, words: Words) -> str:
    """What is written is answered without a model."""
    instead = words.gettext("Please write your question in words: then I answer with quotes.")
    return f"{why_not(leave, words)} {instead}"


def _cannot_now(words: Words) -> str:
    return words.gettext("I cannot listen just now: please write your question in words.")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…"
