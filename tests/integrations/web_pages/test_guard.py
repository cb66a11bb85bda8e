"""Only the public internet is fetched, by whatever name a private address comes along."""

import asyncio
import ipaddress
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.integrations.web_pages.conftest import OpenWeb
from tests.peers.web_server import Answer, WebServer, web_server

from kunak.foundation.errors import InvalidInputError
from kunak.integrations.web_pages.addresses import IP, Allowed, check_address, is_public, join_address
from kunak.integrations.web_pages.connect import GuardedNetwork
from kunak.integrations.web_pages.interface import (
    AddressRefusedError,
    FetchOptions,
    PageRefusedError,
    PageUnavailableError,
)

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "number",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254"),  # noqa: S104  to be refused
        *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "192.88.99.1", "198.18.0.1"),
        *("198.19.255.255", "203.0.113.7", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "fd00:ec2::254"),
        *("fe80::1", "fec0::1", "ff02::1", "100::1", "5f00::1"),
    ],
)
def test_what_is_not_public_is_known(number: str) -> None:
    assert not is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", ["8.8.8.8", "149.154.167.99", "1.1.1.1", "2a00:1450:4001::200e", "2606:4700::1111"])
def test_what_is_public_is_known(number: str) -> None:
    assert is_public(ipaddress.ip_address(number))


@pytest.mark.parametrize(
    "address",
    [
        *("http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/"),
        *("http://017700000001/", "http://0/", "http://127.0.0.1.0x0/", "http://010.8.8.8/", "http://1.2.3/"),
        *("http://user@example.org/", "http://user:secret@example.org/", "http://@example.org/"),
        *("http://example.org\\@127.0.0.1/", "http://exa mple.org/", "http://example.org\n/", "http://example.org\t/"),
        *("file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1:70/", "javascript:alert(1)", "//example.org"),
        *("http://", "http:///path", "http://..", "http://[::1", "http://[fe80::1%25eth0]/", "http://[1.2.3.4]/"),
        *("http://%31%32%37.0.0.1/", "http://127.0.0.1%2f@example.org/", "http://example.org:99999/", "example.org"),
        "http://example.org/" + "a" * 2000,
    ],
)
def test_an_address_written_to_deceive_is_refused(address: str) -> None:
    with pytest.raises(AddressRefusedError):
        check_address(address)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        ("https://example.org.:443/a?b#c", "https://example.org/a?b"),
        ("http://президент.рф/новости", "http://xn--d1abbgf6aiiy.xn--p1ai/новости"),
        ("http://１２７．０．０．１/", "http://127.0.0.1/"),
        ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
        ("http://[::FFFF:7f00:1]/", "http://[::ffff:7f00:1]/"),
    ],
)
def test_an_address_has_one_plain_form(written: str, plain: str) -> None:
    assert check_address(written) == plain


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1.", "0.0.0.0"),  # noqa: S104  to be refused
        *("１２７.0.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "LOCALHOST", "169.254.169.254"),
    ],
)
async def test_nothing_private_is_reached(open_web: OpenWeb, town: WebServer, host: str) -> None:
    web = open_web(allow="")
    with pytest.raises(AddressRefusedError):
        await web.fetch(f"http://{host}:{town.port}/")
    assert town.asked == []


@pytest.mark.parametrize("location", ["http://127.0.0.2:{port}/", "//127.0.0.2:{port}/", "http://0x7f.2:{port}/"])
async def test_a_redirect_to_a_private_address_is_not_followed(
    open_web: OpenWeb, town: WebServer, location: str
) -> None:
    to = location.format(port=town.port)
    address = town.put_answer("/", Answer(status=302, headers={"Location": to}))
    with pytest.raises(AddressRefusedError):
        await open_web(allow="127.0.0.1").fetch(address)
    assert town.count("/") == 1


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u@127.0.0.1/", "http://[:"])
async def test_a_redirect_to_something_else_is_not_followed(open_web: OpenWeb, town: WebServer, location: str) -> None:
    address = town.put_answer("/", Answer(status=301, headers={"Location": location}))
    with pytest.raises((AddressRefusedError, PageRefusedError)):
        await open_web().fetch(address)


class ChangingNames:
    """A name service that gives a public address first and a private one after: rebinding."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> Sequence[IP]:
        self.asked += 1
        return [ipaddress.ip_address(each) for each in self.answers.pop(0).split()]


async def test_a_name_that_changes_its_address_is_caught_at_each_connection(open_web: OpenWeb, town: WebServer) -> None:
    names = ChangingNames("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.2")
    town.put("/", "hello")
    web = open_web(allow="127.0.0.1", resolve=names)
    await web.fetch(f"http://rebinding.example:{town.port}/")
    with pytest.raises(AddressRefusedError):
        await web.fetch(f"http://rebinding.example:{town.port}/")
    assert town.count("/") == 1


async def test_the_connection_goes_to_the_number_that_was_checked(town: WebServer) -> None:
    names = ChangingNames("127.0.0.1", "8.8.8.8")
    network = GuardedNetwork(Allowed.parse("127.0.0.1"), names)
    stream = await network.connect_tcp("any.example", town.port)
    assert stream.get_extra_info("server_addr") == ("127.0.0.1", town.port)
    assert names.asked == 1
    await stream.aclose()


async def test_of_several_addresses_only_the_public_ones_are_tried() -> None:
    network = GuardedNetwork(Allowed(), ChangingNames("10.0.0.1 192.168.0.1 ::1"))
    with pytest.raises(AddressRefusedError, match="not on the public internet"):
        await network.connect_tcp("mixed.example", 80)


@pytest.mark.parametrize("port", [22, 25, 3306, 6379, 8080])
async def test_only_the_ports_of_the_web_are_fetched(port: int) -> None:
    network = GuardedNetwork(Allowed(), ChangingNames("8.8.8.8"))
    with pytest.raises(AddressRefusedError, match=f"Port {port}"):
        await network.connect_tcp("example.org", port)


async def test_the_host_stays_the_name_that_was_asked_for(open_web: OpenWeb, town: WebServer) -> None:
    town.put("/", "hello")
    await open_web(resolve=ChangingNames("127.0.0.1", "127.0.0.1")).fetch(f"http://town.example:{town.port}/")
    assert town.asked[-1].headers["host"] == f"town.example:{town.port}"


async def test_a_host_may_be_allowed_by_name(open_web: OpenWeb, town: WebServer) -> None:
    town.put("/", "hello")
    web = open_web(allow="intranet.example", resolve=ChangingNames("127.0.0.1", "127.0.0.1", "127.0.0.1"))
    assert (await web.fetch(f"http://intranet.example:{town.port}/")).body == b"hello"
    with pytest.raises(AddressRefusedError):
        await web.fetch(f"http://other.example:{town.port}/")


@pytest.mark.parametrize("listing", ["10.0.0.0/33", "::1/x", "fe80::/10/1"])
def test_a_wrong_setting_is_named(listing: str) -> None:
    with pytest.raises(InvalidInputError, match="KUNAK_FETCH_ALLOW_PRIVATE"):
        Allowed.parse(listing)


def test_a_link_that_leads_nowhere_is_none() -> None:
    base = "https://example.org/news/"
    assert join_address(base, "a.html#part") == "https://example.org/news/a.html"
    assert join_address(base, "a.html#part", keep_fragment=True) == "https://example.org/news/a.html#part"
    assert join_address(base, "mailto:a@b.c") is None
    assert join_address(base, "http://[x") is None


async def test_of_a_server_that_hangs_up_its_words_are_told(open_web: OpenWeb) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PageUnavailableError, match=r"127\.0\.0\.1: [^.]+\.$"):
            await open_web(tries=1).fetch(f"http://127.0.0.1:{port}/", FetchOptions(heed_robots=False))


async def test_an_address_without_a_server_is_unavailable(open_web: OpenWeb) -> None:
    with pytest.raises(PageUnavailableError, match=r"127\.0\.0\.1"):
        await open_web(tries=1).fetch("http://127.0.0.1:1/")


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate with its key, good for an hour and for `name` alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now, now + HOUR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    no_password = serialization.NoEncryption()
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize(("name", "reached"), [("town.example", True), ("other.example", False)])
async def test_certificates_are_checked_for_the_name_though_a_number_is_connected_to(
    open_web: OpenWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, *, reached: bool
) -> None:
    path = make_certificate(tmp_path, "town.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    async with web_server(context) as town:
        town.put("/", "hello")
        web = open_web(resolve=ChangingNames("127.0.0.1"), tries=1)
        fetching = web.fetch(f"https://{name}:{town.port}/", FetchOptions(heed_robots=False))
        if reached:
            assert (await fetching).body == b"hello"
            assert town.asked[-1].headers["host"] == f"town.example:{town.port}"
        else:
            with pytest.raises(PageUnavailableError, match="certificate"):
                await fetching
            assert town.asked == []
