"""How we reach a bot's Bot API server."""

from dataclasses import dataclass

from kunak.features.bots.schemas import Bot
from kunak.foundation.crypto import SecretBox
from kunak.foundation.errors import NotFoundError
from kunak.integrations.telegram.interface import BotAccess


@dataclass(frozen=True)
class Doors:
    """How to reach the Bot API: the secrets, and the server of bots that name none of their own."""

    box: SecretBox
    api_base: str

    def access(self, bot: Bot) -> BotAccess:
        """
        Raises:
            NotFoundError: the bot was removed.
            FatalError: its token cannot be decrypted.
        """
        if bot.token_sealed is None:
            raise NotFoundError("This bot was removed; its token is gone.")
        return BotAccess(bot.api_base or self.api_base, self.box.decrypt(bot.token_sealed))

    def webhook_secret(self, bot: Bot) -> str:
        return self.box.decrypt(bot.webhook_secret_sealed)
