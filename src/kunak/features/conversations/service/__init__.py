"""A message is understood and answered; so is a pressed button, and what is typed after the bot's name."""

from kunak.features.conversations.repository.feedback import get_feedback, list_feedback
from kunak.features.conversations.repository.votes import list_votes_of
from kunak.features.conversations.service.commands import connected
from kunak.features.conversations.service.conversation import Conversation
from kunak.features.conversations.service.draft import Drafts
from kunak.features.conversations.service.listen import Stage
from kunak.features.conversations.service.look import Ears, Library
from kunak.features.conversations.service.pace import Pace
from kunak.features.conversations.service.preview import Previews
from kunak.features.conversations.service.prompts import edit_prompt, list_prompts, prompt_of, read_prompt, use_prompt

__all__ = [
    "Conversation",
    "Drafts",
    "Ears",
    "Library",
    "Pace",
    "Previews",
    "Stage",
    "connected",
    "edit_prompt",
    "get_feedback",
    "list_feedback",
    "list_prompts",
    "list_votes_of",
    "prompt_of",
    "read_prompt",
    "use_prompt",
]
