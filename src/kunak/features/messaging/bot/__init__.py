"""Where updates come in."""

from kunak.features.messaging.bot.polling import Polling
from kunak.features.messaging.bot.webhook import Webhook

__all__ = ["Polling", "Webhook"]
