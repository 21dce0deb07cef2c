"""Who may ask, and what pages may do."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from watchroom.server.shield import Shield, answering_hosts, host_name, is_loopback


def client(bound: str) -> httpx.AsyncClient:
    app = Shield(PlainTextResponse("inside"), answering_hosts(bound))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8003")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8003", "localhost"),
        ("127.0.0.1:1", "127.0.0.1"),
        ("[::1]:8003", "[::1]"),
        ("[::1]", "[::1]"),
        ("evil.example.", "evil.example"),
    ],
)
def test_host_name(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),  # noqa: S104 - the address under test
        ("::", False),
        ("192.168.1.4", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["localhost:8003", "127.0.0.1", "[::1]:8003", "127.0.0.9:8003"])
async def test_own_names_are_answered(host: str) -> None:
    async with client("127.0.0.9") as http:
        assert (await http.get("/", headers={"Host": host})).text == "inside"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8003", "", "127.0.0.2"])
async def test_foreign_names_are_refused(host: str) -> None:
    async with client("127.0.0.1") as http:
        answer = await http.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["error"]["code"] == "unknown_host"


async def test_a_server_for_others_answers_to_any_name() -> None:
    async with client("192.168.1.4") as http:
        assert (await http.get("/", headers={"Host": "watch.example"})).text == "inside"


async def test_security_headers() -> None:
    async with client("127.0.0.1") as http:
        headers = (await http.get("/")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
