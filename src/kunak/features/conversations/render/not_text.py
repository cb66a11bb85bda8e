"""A fitting word for what a bot cannot do anything with."""

from kunak.foundation.language.words import Words
from kunak.integrations.telegram.attachments import Attachment, AttachmentKind


def word_for(attachment: Attachment | None, words: Words) -> str:
    """What was sent is named, so that it is clear what is asked for instead."""
    only_text = words.gettext("I can read only text so far. Please write your question in words.")
    if attachment is None:
        return only_text
    video = words.gettext("I cannot watch videos. Please write in words what you would like to know.")
    toy = words.gettext("Nice one! If there is something you would like to know, just write.")
    place = words.gettext("Thank you, but I cannot do anything with a place on the map. Please write its name.")
    contact = words.gettext("I do not keep contacts, and did nothing with this one. Please write your question.")
    document = words.gettext(
        "I cannot read files yet, so I did not open “%(name)s”. Please paste the part you ask about as text.",
        name=attachment.file_name or words.gettext("this file"),
    )
    fitting = {
        AttachmentKind.DOCUMENT: document,
        AttachmentKind.VIDEO: video,
        AttachmentKind.ANIMATION: video,
        AttachmentKind.STORY: video,
        AttachmentKind.STICKER: toy,
        AttachmentKind.DICE: toy,
        AttachmentKind.LOCATION: place,
        AttachmentKind.VENUE: place,
        AttachmentKind.CONTACT: contact,
        AttachmentKind.POLL: words.gettext("I do not vote. Please write your question in words."),
    }
    return fitting.get(attachment.kind, only_text)
