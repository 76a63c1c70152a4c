"""The specification's addresses, led to loopback."""

from __future__ import annotations

import inspect
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from metafor.core import set_error_handler
from tests.spec.servers import LoopbackServer


@pytest.fixture
def lead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int, int], None]:
    """Lead connections to (host, port) to a port on loopback; every other name is unknown."""
    led: dict[tuple[str, int], int] = {}

    def resolve(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if (name, port) not in led:
            raise socket.gaierror(socket.EAI_NONAME, f"the test knows no {name}:{port}")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", led[name, port]))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    def lead(host: str, port: int, to: int) -> None:
        led[host, port] = to

    return lead


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context for the public names, and the file of the authority behind it."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = ["echo.websocket.org", "echo.websocket.events", "ws.postman-echo.com", "*.herokuapp.com"]
    authority.issue_cert(*names).configure_cert(context)
    file = tmp_path_factory.mktemp("certificates") / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, file


@pytest.fixture
def app(lead: Callable[[str, int, int], None]) -> Iterator[LoopbackServer]:
    """The application's server, ``ws://localhost:8000/ws`` in the document."""
    with LoopbackServer(rooms=True) as server:
        lead("localhost", 8000, server.port)
        yield server


@pytest.fixture
def public(
    lead: Callable[[str, int, int], None],
    certificate: tuple[ssl.SSLContext, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LoopbackServer]:
    """The public echo servers, over TLS."""
    context, authority = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with LoopbackServer(tls=context) as server:
        for name in (
            "echo.websocket.org",
            "echo.websocket.events",
            "ws.postman-echo.com",
            "socketio-chat-h9jt.herokuapp.com",
        ):
            lead(name, 443, server.port)
        yield server


@pytest.fixture(autouse=True)
def reported(request: pytest.FixtureRequest) -> Iterator[list[BaseException]]:
    """The errors that reached the global handler; a test that does not take it expects none."""
    errors: list[BaseException] = []
    previous = set_error_handler(errors.append)
    yield errors
    set_error_handler(previous)
    function = getattr(request.node, "function", None)
    if function is None or "reported" not in inspect.signature(function).parameters:
        assert not errors
