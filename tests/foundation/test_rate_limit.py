"""Who asks too often is told when to come back, in words of theirs; who asks is not what anybody says."""

import httpx
import pytest
from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kunak.foundation.counting.memory import MemoryCounter
from kunak.foundation.web.json_errors import speak_json
from kunak.foundation.web.rate_limit import RateLimit, address_of


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(RateLimit, most=3, path="/api/v1/", counter=MemoryCounter(60, clock=lambda: 0.0))
    speak_json(app)

    @app.get("/api/v1/bridge")
    @app.get("/healthz")
    async def bridge() -> str:
        return "open"

    return app


def client(app: FastAPI, address: str = "10.0.0.1", trusted: str = "127.0.0.1") -> httpx.AsyncClient:
    behind = ProxyHeadersMiddleware(app, trusted_hosts=trusted)  # type: ignore[arg-type]  # both are ASGI
    transport = httpx.ASGITransport(behind, client=(address, 1))  # type: ignore[arg-type]  # as above
    return httpx.AsyncClient(transport=transport, base_url="http://kunak")


async def test_the_fourth_request_is_refused_in_the_readers_language(app: FastAPI) -> None:
    async with client(app) as alice:
        allowed = [await alice.get("/api/v1/bridge") for _ in range(3)]
        refused = await alice.get("/api/v1/bridge", headers={"X-Request-ID": "a1", "Accept-Language": "en"})
        russian = await alice.get("/api/v1/bridge", headers={"Accept-Language": "ru"})
        free = await alice.get("/healthz")
    assert [answer.headers["RateLimit"] for answer in allowed] == [f'"address";r={left};t=60' for left in (2, 1, 0)]
    assert refused.status_code == 429
    assert (refused.headers["Retry-After"], refused.headers["RateLimit-Policy"]) == ("60", '"address";q=3;w=60')
    sentence = "Too many requests. Try again in 60 seconds."
    assert refused.json() == {"error": {"status": 429, "message": sentence, "request_id": "a1"}}
    assert refused.headers["X-Request-ID"] == "a1"
    assert russian.json()["error"]["message"] == "Слишком много запросов. Повторите через 60 секунд."
    assert (free.status_code, "RateLimit" in free.headers) == (200, False)


async def test_each_address_has_its_own_share(app: FastAPI) -> None:
    for address in ("10.0.0.1", "10.0.0.2", "2001:db8::1"):
        async with client(app, address) as somebody:
            assert [(await somebody.get("/api/v1/bridge")).status_code for _ in range(4)] == [200, 200, 200, 429]
    async with client(app, "2001:db8::2") as neighbour:
        assert (await neighbour.get("/api/v1/bridge")).status_code == 429


async def test_charlie_may_not_pretend_to_be_others(app: FastAPI) -> None:
    async with client(app) as charlie:
        answers = [
            await charlie.get("/api/v1/bridge", headers={"X-Forwarded-For": f"10.9.9.{number}"}) for number in range(4)
        ]
    assert answers[-1].status_code == 429


async def test_behind_a_proxy_it_is_the_one_whom_the_proxy_saw(app: FastAPI) -> None:
    async with client(app, "10.8.0.5", trusted="10.8.0.0/16") as proxy:
        seen_by_proxy = [f"10.9.9.{number}, 203.0.113.7" for number in range(4)]
        spoofing = [await proxy.get("/api/v1/bridge", headers={"X-Forwarded-For": each}) for each in seen_by_proxy]
        other = await proxy.get("/api/v1/bridge", headers={"X-Forwarded-For": "203.0.113.8"})
    assert (spoofing[-1].status_code, other.status_code) == (429, 200)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense" * 100, "unknown"),
    ],
)
def test_an_address_is_read(host: str, address: str) -> None:
    assert address_of({"client": (host, 1)}) == address
