"""The sandbox speaks to this machine only, unless it is made public."""

import httpx
import pytest

from kunak.integrations.telegram.sandbox.sandbox import Sandbox


async def status(sandbox: Sandbox, *, client: str, host: str) -> int:
    transport = httpx.ASGITransport(app=sandbox.app, client=(client, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as http:
        return (await http.get("/api/bots")).status_code


@pytest.mark.parametrize(
    ("client", "host", "wanted"),
    [
        ("127.0.0.1", "localhost:3000", 200),
        ("::1", "127.0.0.1:3000", 200),
        ("127.0.0.1", "evil.example.org", 421),
        ("203.0.113.9", "localhost:3000", 421),
    ],
)
async def test_another_machine_is_refused_whatever_name_it_uses(client: str, host: str, wanted: int) -> None:
    assert await status(Sandbox(), client=client, host=host) == wanted


async def test_a_public_one_answers_other_machines_under_its_name() -> None:
    sandbox = Sandbox(allowed_hosts=["try.example.org"], is_public=True)
    assert await status(sandbox, client="203.0.113.9", host="try.example.org") == 200
