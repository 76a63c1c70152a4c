"""The room server beside `websockets`, python-socketio, Node's ws and socket.io: ``make bench-server``.

Options: ``--rounds N`` (default 3), ``--only fanout|slow|idle|redis``, ``--idle N`` (default 10000).
The server has one core, the clients have the other.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.server import load  # noqa: E402  # found by the line above
from benchmarks.server.contenders import (  # noqa: E402
    CONTENDERS,
    PEERS,
    SHELLS,
    Contender,
    cpu_seconds,
    memory,
    running,
)
from metafor.server import Envelope, RedisBroker  # noqa: E402
from metafor.server.brokers.redis import scripts  # noqa: E402

CLIENTS, MESSAGES = 500, 200
PROMISED = 60_000


def bench_fanout(rounds: int) -> None:
    """500 clients in a room, 200 messages: deliveries per second, contenders by turns.

    One by one the clients are as much of the time as the server; there the server's own is told too.
    """
    rates: dict[tuple[str, bool], list[float]] = defaultdict(list)
    costs: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for contender in CONTENDERS:
            with running(contender) as (port, pid):
                for burst in (True, False):
                    before = cpu_seconds(pid)
                    run = load.fan_out(
                        port, contender.speech, clients=CLIENTS, messages=MESSAGES, burst=burst
                    )
                    rates[contender.name, burst].append(asyncio.run(run))
                    # What 500 clients and their handshakes cost is in it for all of them.
                    costs[contender.name, burst].append((cpu_seconds(pid) - before) / (CLIENTS * MESSAGES))
    raw = statistics.median(rates[PEERS[0].name, True])
    print(f"\nfan-out to {CLIENTS} clients, {MESSAGES} messages, uncompressed, median of {rounds} rounds\n")
    print(f"{'':<34}{'all at once':>24}{'one by one':>28}")
    print(f"{'':<34}{'deliveries/s':>16}{'ratio':>8}{'deliveries/s':>16}{'server µs':>12}")
    for contender in CONTENDERS:
        at_once, by_one = (statistics.median(rates[contender.name, burst]) for burst in (True, False))
        cost = statistics.median(costs[contender.name, False]) * 1e6
        print(f"{contender.name:<34}{at_once:>16,.0f}{at_once / raw:>7.2f}x{by_one:>16,.0f}{cost:>12.1f}")
    ours = statistics.median(rates[SHELLS[0].name, True])
    print(f"promised: {PROMISED:,} all at once: {'kept' if ours >= PROMISED else 'NOT KEPT'}")


def bench_slow() -> None:
    """100 clients, and one more that reads nothing: what it does to the others, and to memory."""
    print("\none slow consumer: 100 clients that read, 8 KiB 100 times a second for 10 s\n")
    print(f"{'':<34}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'peak MiB':>10}{'cut after':>11}")
    peaks = {}
    for contender in (SHELLS[0], SHELLS[1]):
        for slow in (False, True):
            with running(contender) as (port, pid):
                latencies, peak = asyncio.run(_watched(port, pid, contender, slow))
            peaks[contender.name, slow] = peak
            p50, p99, worst = (latencies.quantile(share) * 1000 for share in (0.5, 0.99, 1))
            cut = "-" if latencies.cut_after is None else f"{latencies.cut_after:.1f} s"
            name = contender.name + (", one slow" if slow else "")
            print(f"{name:<34}{p50:>9.1f}{p99:>9.1f}{worst:>9.1f}{peak / 2**20:>10.1f}{cut:>11}")
        cost = (peaks[contender.name, True] - peaks[contender.name, False]) / 2**20
        print(f"  the slow one costs {cost:.1f} MiB (promised: 2; and p99 below 50 ms)")


async def _watched(port: int, pid: int, contender: Contender, slow: bool) -> tuple[load.Latencies, int]:
    peak = 0

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, memory(pid))
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    try:
        result = await load.latencies(
            port, contender.speech, clients=100, messages=1000, per_second=100, length=8192, slow=slow
        )
    finally:
        watching.cancel()
    return result, peak


def bench_idle(count: int) -> None:
    """Many connections that say nothing, each in a room: memory for each."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(count, hard - 200)
    print(f"\nidle: {count:,} connections, each in a room\n")
    print(f"{'':<34}{'KiB each':>10}{'opens/s':>10}")
    for contender in (SHELLS[0], SHELLS[1], *PEERS):
        with running(contender) as (port, pid):
            before = memory(pid)
            started = time.perf_counter()
            each, seconds = asyncio.run(_idle(port, pid, contender, count, before, started))
        print(f"{contender.name:<34}{each / 1024:>10.1f}{count / seconds:>10,.0f}")


async def _idle(
    port: int, pid: int, contender: Contender, count: int, before: int, started: float
) -> tuple[float, float]:
    clients: list[load.Client] = []
    while len(clients) < count:
        batch = min(100, count - len(clients))
        clients += await asyncio.gather(*(load.connect(port, contender.speech.path) for _ in range(batch)))
    seconds = time.perf_counter() - started
    for step in contender.speech.hello:
        for number, client in enumerate(clients):
            client.say(step.replace("bench", f"room {number % 100}"))
        await load.quiet(clients, 1.0)
    each = (memory(pid) - before) / count
    for client in clients:
        client.transport.abort()
    return each, seconds


async def _publishes(url: str, *, logged: bool, total: int = 20_000, at_once: int = 200) -> float:
    """Messages per second that one broker publishes, ``at_once`` on their way at any moment."""
    broker = RedisBroker(url, prefix=f"bench {logged} {time.monotonic()}:")
    heard = 0
    done = asyncio.Event()

    def deliver(delivery: object) -> None:
        nonlocal heard
        heard += 1
        if heard == total:
            done.set()

    await broker.attach("bench", deliver)
    await broker.subscribe("bench", "news")
    if logged:
        await broker.position("news")

    async def talk(session: str) -> None:
        for number in range(1, total // at_once + 1):
            sent = (session, number) if logged else ("", 0)
            await broker.publish(Envelope("news", load.ROOMS.message, "bench", 1, *sent))

    start = time.perf_counter()
    await asyncio.gather(*(talk(f"s{number}") for number in range(at_once)))
    await asyncio.wait_for(done.wait(), 60)
    seconds = time.perf_counter() - start
    await broker.detach("bench")
    return total / seconds


def _redis_alone(port: int, url: str) -> float:
    """Messages with a log that Redis itself takes per second, 200 in one go (by ``redis-benchmark``)."""

    async def prepare() -> None:
        broker = RedisBroker(url)
        await broker.position("news")
        await broker.detach("nobody")

    asyncio.run(prepare())
    keys = [f"metafor:{key}" for key in ("generation", "log:news", "messages:news", "session:s")]
    command = ["redis-benchmark", "-p", str(port), "-n", "40000", "-P", "200", "-c", "3", "--csv"]
    command += ["EVALSHA", scripts.PUBLISH.sha, str(len(keys)), *keys]
    command += ["metafor:room:news", "x" * 140, "", "256", "600000", "600000"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = next(csv.reader(printed.splitlines()[-1:]))[1]
    return float(rate)


def bench_redis(rounds: int) -> None:
    """One and two processes that share a Redis: deliveries per second, half of the clients on each.

    And the broker alone: messages per second that are published and heard by one process.
    """
    from tests.server.redis_server import redis_server

    print(f"\nwith Redis on the same machine: {CLIENTS} clients, deliveries per second (best of {rounds})\n")
    for options, told in (
        (("--appendonly", "yes", "--appendfsync", "always"), "appendfsync always"),
        (("--appendonly", "no"), "no persistence"),
    ):
        with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder), *options) as redis:
            one, two = [], []
            for _ in range(rounds):
                with running(SHELLS[0], redis.url) as (port, _):
                    one.append(asyncio.run(_halves([port])))
                with running(SHELLS[0], redis.url) as (a, _), running(SHELLS[0], redis.url, core=1) as (b, _):
                    two.append(asyncio.run(_halves([a, b])))
            plain = max(asyncio.run(_publishes(redis.url, logged=False)) for _ in range(rounds))
            logged = max(asyncio.run(_publishes(redis.url, logged=True)) for _ in range(rounds))
            alone = _redis_alone(redis.port, redis.url)
        print(f"{told:<24}one process{max(one):>10,.0f}, two{max(two):>10,.0f}", end="")
        print(f"; the broker alone {plain:>8,.0f} messages/s, {logged:>8,.0f} with log and session", end="")
        print(f"; Redis alone {alone:>8,.0f}")


async def _halves(ports: list[int]) -> float:
    speech = load.Speech()
    everyone: list[load.Client] = []
    for port in ports:
        everyone += await load.connect_all(port, CLIENTS // len(ports), speech)
    size = await load.size_of_one(everyone, speech.message)
    arrivals = [client.until(client.received + MESSAGES * size) for client in everyone]
    start = time.perf_counter()
    for number in range(MESSAGES):
        everyone[number * 37 % len(everyone)].say(speech.message)
    done = max(await asyncio.wait_for(asyncio.gather(*arrivals), 120))
    for client in everyone:
        client.transport.abort()
    return CLIENTS * MESSAGES / (done - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--only", choices=["fanout", "slow", "idle", "redis"])
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if options.only in (None, "fanout"):
        bench_fanout(options.rounds)
    if options.only in (None, "slow"):
        bench_slow()
    if options.only in (None, "idle"):
        bench_idle(options.idle)
    if options.only in (None, "redis"):
        bench_redis(options.rounds)


if __name__ == "__main__":
    main()
