"""The specification's addresses, led to loopback."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from metafor.core import set_error_handler
from tests.spec.loopback import LoopbackServer
from tests.spec.sections.world import World
from tests.spec.servers import NAMES, Certificate, running_servers

Lead = Callable[[str, int, int], None]


@pytest.fixture
def lead(monkeypatch: pytest.MonkeyPatch) -> Lead:
    """Lead connections to (host, port) to a port on loopback; every other name is unknown."""
    led: dict[tuple[str, int], int] = {}

    def resolve(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name in ("localhost", "127.0.0.1"):
            led.setdefault((name, port), port)
        if (name, port) not in led:
            raise socket.gaierror(socket.EAI_NONAME, f"the test knows no {name}:{port}")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", led[name, port]))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    def lead(host: str, port: int, to: int) -> None:
        led[host, port] = to

    return lead


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    return Certificate()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[dict[str, int]]:
    """The document's own servers."""
    with running_servers(tmp_path_factory.mktemp("servers"), certificate) as ports:
        yield ports


@pytest.fixture(scope="session")
def public(certificate: Certificate) -> Iterator[tuple[int, int]]:
    """The public echo servers; the ports without and with TLS."""
    with LoopbackServer() as plain, LoopbackServer(tls=certificate.context) as encrypted:
        yield plain.port, encrypted.port


@pytest.fixture
def world(
    lead: Lead,
    servers: dict[str, int],
    public: tuple[int, int],
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[World]:
    """All that a scenario needs, on CPython."""
    authority = tmp_path / "authority.pem"
    certificate.authority.cert_pem.write_to_path(str(authority))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    for name in NAMES:
        for port, to in zip((80, 443), public, strict=True):
            lead(name, port, to)
    with LoopbackServer(rooms=True) as app:
        lead("localhost", 8000, app.port)
        yield World(app, lead, servers)


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
