"""How we reach a bot's Bot API server."""

from dataclasses import dataclass

from kunak.features.bots.schemas import SANDBOX, TELEGRAM, Bot
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

    def webhook_path(self, bot: Bot) -> str:
        """Where Telegram calls us. Other Bot API servers may not send the secret header: there the path holds it."""
        return f"/bot/{bot.id}" if self._is_telegram(bot) else f"/bot/{bot.id}/{self.webhook_secret(bot)}"

    def takes_secret_from_path(self, bot: Bot) -> bool:
        """Whether a call without the secret header may show the secret in its path instead."""
        return not self._is_telegram(bot)

    def _is_telegram(self, bot: Bot) -> bool:
        return (bot.api_base or self.api_base).rstrip("/") == TELEGRAM

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
