"""A message is understood and answered; so is a pressed button, and what is typed after the bot's name."""

from kunak.features.conversations.service.commands import connected
from kunak.features.conversations.service.conversation import Conversation
from kunak.features.conversations.service.look import Ears
from kunak.features.conversations.service.prompts import edit_prompt, list_prompts, prompt_of, use_prompt

__all__ = ["Conversation", "Ears", "connected", "edit_prompt", "list_prompts", "prompt_of", "use_prompt"]
