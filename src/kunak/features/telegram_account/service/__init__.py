"""The front door of the Telegram account: a person logs it in, who reads channels gets it for a while, governed."""

from kunak.features.telegram_account.govern import GovernedAccount
from kunak.features.telegram_account.service.log_in import Ask, forget_session, log_in, log_out
from kunak.features.telegram_account.service.open import (
    AccountBusyError,
    AccountOutError,
    get_account,
    is_wanted_elsewhere,
    open_account,
    reseal_account,
)

__all__ = [
    "AccountBusyError",
    "AccountOutError",
    "Ask",
    "GovernedAccount",
    "forget_session",
    "get_account",
    "is_wanted_elsewhere",
    "log_in",
    "log_out",
    "open_account",
    "reseal_account",
]
