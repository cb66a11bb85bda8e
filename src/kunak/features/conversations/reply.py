"""An answer in Telegram's form."""

from kunak.features.messaging.schemas import Say
from kunak.features.search.schemas import Answer, Citation
from kunak.foundation.language.words import Words
from kunak.integrations.telegram.incoming import IncomingMessage
from kunak.integrations.telegram.text import FormattedText


def to_says(text: FormattedText, message: IncomingMessage) -> list[Say]:
    """`text` as messages to where `message` came from: as many as it needs, in a group as a reply to it."""
    return [
        Say("sendMessage", _place(message) | {"text": part.text} | _entities(part) | _previews())
        for part in text.parts()
    ]


def _place(message: IncomingMessage) -> dict[str, object]:
    place: dict[str, object] = {"chat_id": message.chat_id}
    if message.thread_id is not None:
        place["message_thread_id"] = message.thread_id
    if not message.is_private:
        place["reply_parameters"] = {"message_id": message.message_id, "allow_sending_without_reply": True}
    return place


def _entities(part: FormattedText) -> dict[str, object]:
    return {"entities": [entity.to_params() for entity in part.entities]} if part.entities else {}


def _previews() -> dict[str, object]:
    return {"link_preview_options": {"is_disabled": True}}


def answer_text(answer: Answer, words: Words) -> FormattedText:
    """Quotes with their sources, or the honest word that nothing was found."""
    if not answer.citations:
        return FormattedText().add(words.gettext("Nothing was found about this."))
    text = FormattedText().add(words.gettext("Here is what I found:"), "bold")
    if answer.corrected:
        meant = ", ".join(each.meant for each in answer.corrected)
        text.add("\n").add(words.gettext("I took it that you meant: %(words)s", words=meant), "italic")
    for citation in answer.citations:
        text.add("\n\n")
        _add_citation(text, citation, words)
    return text


def _add_citation(text: FormattedText, citation: Citation, words: Words) -> None:
    text.add(citation.quote, "blockquote").add(f"\n{citation.number} · ")
    name = citation.title or citation.url or citation.id
    text.add(name, "text_link" if citation.url else "bold", citation.url)
    if citation.published_at is not None:
        text.add(f", {words.date(citation.published_at)}")
