"""What is lost when a connection is cut every 150 ms: this channel, socket.io, python-socketio, partysocket.

Each peer says the same numbers at the same pace in both directions, as two processes with a proxy between
them that resets the connection 150 ms after each open, until each peer has seen the same number of cuts; then
the network is whole, and everything that can still arrive may. All wait 50 ms before they connect again.

    make bench-reliability ARGS="--count 1500"
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from metafor.testing.faults import Cable, FaultProxy

HERE = Path(__file__).parent / "reliability" / "peers"

SOCKETIO = "socketio_server.mjs", "socketio_client.mjs"
METAFOR = "metafor_server.py", "metafor_client.py"
#: Name, server and its options, client and its options, scheme of the URL.
PEERS: list[tuple[str, str, list[str], str, list[str], str]] = [
    ("metafor, reliable", METAFOR[0], [], METAFOR[1], ["reliable"], "ws"),
    ("metafor, base", METAFOR[0], [], METAFOR[1], ["base"], "ws"),
    ("socket.io", SOCKETIO[0], ["plain"], SOCKETIO[1], ["plain"], "http"),
    ("socket.io, recovery", SOCKETIO[0], ["recovery"], SOCKETIO[1], ["plain"], "http"),
    ("socket.io, recovery, retries", SOCKETIO[0], ["recovery"], SOCKETIO[1], ["retries"], "http"),
    ("python-socketio", SOCKETIO[0], ["plain"], "python_socketio_client.py", [], "http"),
    ("partysocket", "websocket_server.mjs", [], "partysocket_client.mjs", [], "ws"),
]


async def started(script: str, *arguments: object) -> asyncio.subprocess.Process:
    program = "node" if script.endswith(".mjs") else sys.executable
    return await asyncio.create_subprocess_exec(
        program, str(HERE / script), *map(str, arguments), stdin=PIPE, stdout=PIPE, limit=1 << 26
    )


async def reported(process: asyncio.subprocess.Process) -> list[int]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"report\n")
    async with asyncio.timeout(20):
        heard = json.loads(await process.stdout.readline())
    return [int(number) for number in heard]


def judged(heard: list[int], count: int) -> dict[str, int]:
    """What became of the numbers below ``count``: lost, doubled, and out of order."""
    highest, late = -1, 0
    for number in dict.fromkeys(heard):
        late += number < highest
        highest = max(highest, number)
    there = set(heard)
    return {"lost": count - len(there), "doubled": len(heard) - len(there), "reordered": late}


async def measured(
    peer: tuple[str, str, list[str], str, list[str], str], count: int, rate: float, cuts: int
) -> dict[str, Any]:
    _, server_script, server_options, client_script, client_options, scheme = peer
    made = 0
    calm = asyncio.Event()

    async def cut(cable: Cable) -> None:
        nonlocal made
        await cable.opened()
        if made < cuts:
            await asyncio.sleep(0.15)
            made += 1
            cable.reset()
        if made == cuts:
            calm.set()

    processes = []
    try:
        server = await started(server_script, count, rate, *server_options)
        processes.append(server)
        assert server.stdout is not None
        port = int(await server.stdout.readline())
        async with FaultProxy(f"{scheme}://127.0.0.1:{port}", cut) as proxy:
            client = await started(client_script, proxy.url, count, rate, *client_options)
            processes.append(client)
            async with asyncio.timeout(60 + 3 * count / rate):
                await calm.wait()
            await asyncio.sleep(count / rate + 5)  # all has been said, and what can come has come
            up, down = await reported(server), await reported(client)
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
    return {"up": judged(up, count), "down": judged(down, count), "cuts": made}


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1500, help="messages each way")
    parser.add_argument("--rate", type=float, default=250, help="messages a second")
    parser.add_argument("--only", default="", help="peers whose name contains this")
    given = parser.parse_args()
    # So many cuts that most of what is said is said on a network that is being cut.
    cuts = int(given.count / given.rate / 0.25)
    print(f"{given.count} messages each way, {given.rate:g} a second, {cuts} cuts\n")
    print("| | lost: to the server | to the client | doubled | out of order |")
    print("| --- | --- | --- | --- | --- |")
    for peer in PEERS:
        if given.only not in peer[0]:
            continue
        figures = await measured(peer, given.count, given.rate, cuts)
        up, down = figures["up"], figures["down"]
        doubled, late = up["doubled"] + down["doubled"], up["reordered"] + down["reordered"]
        print(f"| {peer[0]} | {up['lost']} | {down['lost']} | {doubled} | {late} |", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
