"""`kunak ask`: a question answered outside Telegram."""

from kunak.features.search import service as search
from kunak.features.search.schemas import Answer, Equipment
from kunak.foundation.db.engine import Sessions
from kunak.foundation.language.languages import DEFAULT, Language


async def answer_question(
    sessions: Sessions, question: str, equipment: Equipment, *, language: Language = DEFAULT
) -> Answer:
    """The answer to `question`; `language` is the reader's, for questions that show none."""
    return await search.answer_question(sessions, question, language=language, equipment=equipment)
