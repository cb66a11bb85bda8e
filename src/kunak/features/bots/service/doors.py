"""How we reach a bot's Bot API server."""

from dataclasses import dataclass

from kunak.features.bots.schemas import SANDBOX, Bot
from kunak.foundation.crypto import SecretBox
from kunak.foundation.errors import NotFoundError
from kunak.integrations.telegram.interface import BotAccess, TelegramUnavailableError


@dataclass(frozen=True)
class Doors:
    """How to reach the Bot API: the secrets, the server of bots that name none of their own, and our sandbox."""

    box: SecretBox
    api_base: str
    sandbox_base: str | None = None

    def reaches(self, bot: Bot) -> bool:
        """Whether there is a server to speak to: bots of the sandbox are out of reach while it does not run."""
        return bot.api_base != SANDBOX or self.sandbox_base is not None

    def access(self, bot: Bot) -> BotAccess:
        """
        Raises:
            NotFoundError: the bot was removed.
            TelegramUnavailableError: it lives in the sandbox, which does not run.
            FatalError: its token cannot be decrypted.
        """
        if bot.token_sealed is None:
            raise NotFoundError("This bot was removed; its token is gone.")
        base = self.sandbox_base if bot.api_base == SANDBOX else bot.api_base or self.api_base
        if base is None:
            raise TelegramUnavailableError("The sandbox does not run, and this bot lives there.")
        return BotAccess(base, self.box.decrypt(bot.token_sealed))

    def webhook_secret(self, bot: Bot) -> str:
        return self.box.decrypt(bot.webhook_secret_sealed)
