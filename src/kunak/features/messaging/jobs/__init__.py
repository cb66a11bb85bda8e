"""The jobs of the ledger: answer a chat, deliver to it, and what keeps both going."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from kunak.features.bots.schemas import ConnectBot
from kunak.features.bots.service import Directory
from kunak.features.messaging.jobs.answer import Answering, Responder
from kunak.features.messaging.jobs.connect import AfterConnecting, Connecting
from kunak.features.messaging.jobs.deliver import Delivering, MakeFile
from kunak.features.messaging.jobs.upkeep import Upkeep
from kunak.features.messaging.schemas import (
    AnswerChat,
    AnswerFleeting,
    DeliverToChat,
    ProbeBots,
    PruneLedger,
    TellAdmins,
    WakeChats,
)
from kunak.features.messaging.service.fleeting import answer_fleeting
from kunak.features.messaging.service.ledger import Ledger
from kunak.foundation.jobs.worker import Handlers
from kunak.integrations.telegram.interface import TelegramClient


@dataclass(frozen=True)
class MessagingJobs:
    """The handlers, with what they work on."""

    ledger: Ledger
    directory: Directory
    telegram: TelegramClient
    responder: Responder
    admin_chats: Sequence[int] = ()
    after_connecting: AfterConnecting | None = None
    public_url: str | None = None
    keep_days: int = 180
    make_file: MakeFile | None = None

    def register(self, handlers: Handlers) -> None:
        at_hand = (self.ledger, self.directory)
        handlers.add(AnswerChat, Answering(*at_hand, self.responder).answer_chat)
        handlers.add(DeliverToChat, Delivering(*at_hand, self.telegram, self.make_file).deliver_to_chat)
        fleeting = (self.ledger.sessions, self.directory, self.telegram, self.responder.respond_at_once)
        handlers.add(AnswerFleeting, partial(answer_fleeting, *fleeting))
        self._register_connecting(handlers)
        self._register_upkeep(handlers)

    def _register_connecting(self, handlers: Handlers) -> None:
        sessions, after = self.ledger.sessions, self.after_connecting
        connecting = Connecting(sessions, self.directory, self.telegram, self.public_url, after)
        handlers.add(ConnectBot, connecting.connect_bot)
        handlers.add(ProbeBots, connecting.probe_bots)
        handlers.repeat("* * * * * */15", ProbeBots())

    def _register_upkeep(self, handlers: Handlers) -> None:
        upkeep = Upkeep(self.ledger, self.directory, self.admin_chats, self.keep_days)
        handlers.add(TellAdmins, upkeep.tell_admins)
        handlers.add(WakeChats, upkeep.wake_chats)
        handlers.add(PruneLedger, upkeep.prune_ledger)
        handlers.repeat("* * * * * */5", WakeChats())
        handlers.repeat("17 * * * *", PruneLedger())
