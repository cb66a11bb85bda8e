"""The tokens of the bots that a bot manages."""

from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.managed_bots import replace_token, tell_manager
from kunak.integrations.telegram.sandbox.refusals import bad_request
from kunak.integrations.telegram.sandbox.state import SandboxBot


@acts("getManagedBotToken")
def get_token(call: Call) -> Answer:
    return _managed(call).token


@acts("replaceManagedBotToken")
def replace(call: Call) -> Answer:
    bot = _managed(call)
    token = replace_token(call.world, bot)
    tell_manager(call.world, bot, call.bot.as_sender)
    return token


def _managed(call: Call) -> SandboxBot:
    bot = call.world.state.bots.get(call.params["user_id"])
    if bot is None or bot.manager_id != call.bot.id:
        raise bad_request("the bot is not managed by this bot")
    return bot
