"""A message is understood and answered; so is a pressed button, and what is typed after the bot's name."""

from kunak.features.conversations.service.commands import connected
from kunak.features.conversations.service.conversation import Conversation

__all__ = ["Conversation", "connected"]
