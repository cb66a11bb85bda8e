"""How a bot gets its updates: by asking for them or at a webhook, never both."""

import re

from kunak.integrations.telegram.sandbox.addresses import is_loopback, split_address
from kunak.integrations.telegram.sandbox.calls import Answer, Call, acts
from kunak.integrations.telegram.sandbox.refusals import bad_request, conflict
from kunak.integrations.telegram.sandbox.state import Webhook

_WEBHOOK_IS_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_MOST_CONNECTIONS = 100


@acts("getUpdates")
async def get_updates(call: Call) -> Answer:
    if call.bot.id in call.world.pushers:
        raise conflict(_WEBHOOK_IS_ACTIVE)
    queue = call.world.queue(call.bot)
    queue.remember_allowed(call.params.get("allowed_updates"))
    return await queue.poll(
        offset=call.params.get("offset", 0),
        limit=call.params.get("limit") or 100,
        timeout_s=call.params.get("timeout", 0),
    )


@acts("setWebhook")
async def set_webhook(call: Call) -> Answer:
    url = call.params["url"]
    if not url:
        return await delete_webhook(call)
    _check_url(url)
    secret = call.params.get("secret_token", "")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    queue = call.world.queue(call.bot)
    queue.end_poll("terminated by setWebhook request")
    queue.remember_allowed(call.params.get("allowed_updates"))
    if call.params.get("drop_pending_updates"):
        queue.drop_all()
    connections = min(max(call.params.get("max_connections", 40), 1), _MOST_CONNECTIONS)
    await call.world.set_webhook(call.bot, Webhook(url, secret, connections, call.params.get("ip_address")))
    return True


@acts("deleteWebhook")
async def delete_webhook(call: Call) -> Answer:
    await call.world.delete_webhook(call.bot)
    if call.params.get("drop_pending_updates"):
        call.world.queue(call.bot).drop_all()
    return True


@acts("getWebhookInfo")
def get_webhook_info(call: Call) -> Answer:
    queue = call.world.queue(call.bot)
    info: dict[str, object] = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(queue.pending),
    }
    if queue.allowed is not None:
        info["allowed_updates"] = sorted(queue.allowed)
    pusher = call.world.pushers.get(call.bot.id)
    if pusher is not None:
        hook = pusher.webhook
        info |= {"url": hook.url, "max_connections": hook.max_connections, "ip_address": hook.ip_address}
        info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
    return {key: value for key, value in info.items() if value is not None}


def _check_url(url: str) -> None:
    """HTTPS as Telegram wants it; plain HTTP only to this very machine."""
    parts = split_address(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise bad_request("bad webhook: invalid webhook URL specified")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
