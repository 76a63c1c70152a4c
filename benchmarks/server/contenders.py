"""What is measured: servers as processes of their own, each on one core."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server.load import ROOMS, SOCKETIO, Speech

__all__ = ["CONTENDERS", "PEERS", "SHELLS", "Contender", "cpu_seconds", "memory", "running"]

ROOT = Path(__file__).resolve().parents[2]
SERVERS = Path(__file__).parent / "servers"


@dataclass(frozen=True)
class Contender:
    """A server: how it is started (a port is appended) and spoken to."""

    name: str
    command: tuple[str, ...]
    speech: Speech = ROOMS


def _metafor(shell: str) -> Contender:
    name = "metafor rooms" if shell == "standalone" else f"metafor, uvicorn --ws {shell}"
    return Contender(name, (sys.executable, str(SERVERS / "metafor_rooms.py"), shell))


SHELLS = [_metafor(shell) for shell in ("standalone", "websockets-sansio", "wsproto", "websockets")]
PEERS = [
    Contender("websockets, broadcast()", (sys.executable, str(SERVERS / "raw_websockets.py"))),
    Contender("python-socketio, uvicorn", (sys.executable, str(SERVERS / "python_socketio.py")), SOCKETIO),
    Contender("ws (Node)", ("node", str(SERVERS / "ws.mjs"))),
    Contender("socket.io (Node)", ("node", str(SERVERS / "socketio.mjs")), SOCKETIO),
]
CONTENDERS = [*SHELLS, *PEERS]


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def running(contender: Contender, *more: str, core: int = 0) -> Iterator[tuple[int, int]]:
    """The contender on core ``core`` inside the block: its port and its process id."""
    port = free_port()
    process = subprocess.Popen(
        [*contender.command, str(port), *more],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        _wait(process, port)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen")


def cpu_seconds(pid: int) -> float:
    """How long a process has been running on a core, all threads together."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory(pid: int) -> int:
    """Resident memory of a process, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(pid)
