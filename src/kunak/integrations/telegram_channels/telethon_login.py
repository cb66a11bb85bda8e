"""Logging in, by Telethon: a code, and a password where there is one."""

from typing import Any

from telethon import errors
from telethon.password import compute_check
from telethon.tl import functions, types
from telethon.utils import parse_phone

from kunak.foundation.errors import InvalidInputError, TerminalError
from kunak.integrations.telegram_channels.interface import AccountRefusedError, Me
from kunak.integrations.telegram_channels.prime import PRIME
from kunak.integrations.telegram_channels.server import Application
from kunak.integrations.telegram_channels.telethon_errors import in_our_words
from kunak.integrations.telegram_channels.telethon_session import write_session
from kunak.integrations.telegram_channels.telethon_wire import Wire


class TelethonLogin:
    """See `Login`."""

    def __init__(self, wire: Wire, application: Application) -> None:
        self._wire = wire
        self._application = application
        self._phone = ""
        self._reference = ""

    async def send_code(self, phone: str) -> None:
        self._phone = parse_phone(phone) or ""
        if not self._phone:
            raise InvalidInputError("A phone number is digits, such as +79001234567.")
        with in_our_words():
            try:
                sent = await self._ask_for_code()
            except errors.AuthRestartError:
                sent = await self._ask_for_code()
        if isinstance(sent, types.auth.SentCodePaymentRequired):
            raise TerminalError("Telegram wants to be paid before it sends a code: log in with its app first.")
        self._reference = getattr(sent, "phone_code_hash", "")
        self._let_in(sent)

    async def _ask_for_code(self) -> Any:
        app = self._application
        return await self._wire.ask(
            functions.auth.SendCodeRequest(self._phone, app.api_id, app.api_hash, types.CodeSettings())
        )

    async def give_code(self, code: str) -> bool:
        with in_our_words():
            try:
                found = await self._wire.ask(functions.auth.SignInRequest(self._phone, self._reference, code))
            except errors.SessionPasswordNeededError:
                return False
        if isinstance(found, types.auth.AuthorizationSignUpRequired):
            raise InvalidInputError(
                "There is no Telegram account with this phone number: make one in a Telegram app, then log in here."
            )
        self._let_in(found)
        return True

    async def give_password(self, password: str) -> None:
        with in_our_words():
            asked = await self._wire.ask(functions.account.GetPasswordRequest())
            if getattr(asked.current_algo, "p", None) != PRIME:
                # To make sure of any other number would take Telethon hours.
                raise TerminalError("The server asks for the password in a way that this version does not know.")
            found = await self._wire.ask(functions.auth.CheckPasswordRequest(compute_check(asked, password)))
        self._let_in(found)

    def _let_in(self, found: Any) -> None:
        authorization = getattr(found, "authorization", found)
        if isinstance(user := getattr(authorization, "user", None), types.User):
            self._wire.session.me = name_of(user)

    async def who_am_i(self) -> Me:
        if self._wire.session.me is None:
            raise AccountRefusedError("Telegram does not say whose account this is.")
        return self._wire.session.me

    def session(self) -> str:
        return write_session(self._wire.session)


def name_of(user: Any) -> Me:
    """Whose account that is."""
    name = " ".join(filter(None, (user.first_name, user.last_name))) or user.username or str(user.id)
    return Me(user.id, name, user.phone)
