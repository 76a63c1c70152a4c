"""How many machines for how many people: arithmetic from measured figures, and a simulated storm.

The figures are those that `bench_server.py` prints on one core of our class of machine; give your own:
``--deliveries``, ``--connection-kib``, ``--handshakes``, ``--publishes``. `docs/scale.md` explains.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from metafor.channels.reconnect import Backoff, Outage  # found by the line above
from metafor.channels.transports.base import Close


@dataclass(frozen=True)
class Figures:
    """What one server process on one core does, and one Redis."""

    deliveries: float  # per second
    connection_bytes: float
    handshakes: float  # per second
    publishes: float  # per second, one Redis with `appendfsync always` and some hundred in one write
    #: Messages per second that one Redis hands to subscribers (server processes).
    handed_out: float
    #: Share of a core, of memory and of Redis that is planned for; the rest is for peaks and losses.
    planned: float = 0.5
    memory_bytes: float = 3.5 * 2**30  # for each process, of a machine with 4 GiB for each core


@dataclass(frozen=True)
class Crowd:
    """Who is there, and what they do."""

    name: str
    connections: int
    room_size: int
    #: Messages that one person sends in a second.
    says: float


CROWDS = [
    Crowd("support chats: 2 to a room, 1 message in 30 s", 100_000, 2, 1 / 30),
    Crowd("team rooms: 50 to a room, 1 in 60 s", 100_000, 50, 1 / 60),
    Crowd("big rooms: 5,000 to a room, 1 in 1,000 s", 100_000, 5_000, 1 / 1000),
    Crowd("support chats: 2 to a room, 1 message in 30 s", 10_000_000, 2, 1 / 30),
    Crowd("team rooms: 50 to a room, 1 in 60 s", 10_000_000, 50, 1 / 60),
    Crowd("big rooms: 5,000 to a room, 1 in 1,000 s", 10_000_000, 5_000, 1 / 1000),
]

#: After an outage of everything, everybody shall be back in this time, in seconds.
RETURN_SECONDS = 60.0

#: Clients of one process that is lost, in the simulated storms.
LOST = 20_000

#: An assumption, to turn machines into money: one core with 4 GiB for a month of 730 hours.
CORE_MONTH = 30.0


def nodes_of_a_room(size: int, processes: int) -> float:
    """Over how many of ``processes`` the ``size`` members of a room are spread, on average, by chance."""
    return processes * (1 - (1 - 1 / processes) ** size)


@dataclass(frozen=True)
class Plan:
    """What a crowd takes: cells of one Redis and some server processes; a room lives in one cell."""

    cells: int
    processes: int
    bound: str
    redis_load: float

    @property
    def cost(self) -> float:
        """For a month: a core for each process, two for each Redis (one writes its log)."""
        return (self.processes + 2 * self.cells) * CORE_MONTH


def plan(crowd: Crowd, figures: Figures) -> Plan:
    """The smallest number of processes that is enough, in the smallest number of cells that is."""
    said = crowd.connections * crowd.says
    needs = {
        "memory": crowd.connections * figures.connection_bytes / (figures.memory_bytes * figures.planned),
        "deliveries": said * crowd.room_size / (figures.deliveries * figures.planned),
        "publishes": said / (figures.deliveries * figures.planned / 10),  # a publish costs as ten deliveries
        "handshakes": crowd.connections / (figures.handshakes * RETURN_SECONDS),
    }
    bound = max(needs, key=lambda what: needs[what])
    processes = max(2, math.ceil(needs[bound]))
    cells = 1
    while True:
        each = math.ceil(processes / cells)
        publishes = said / cells
        handed = publishes * nodes_of_a_room(crowd.room_size, each)
        load = max(publishes / figures.publishes, handed / figures.handed_out)
        if load <= figures.planned:
            return Plan(cells, max(processes, 2 * cells), bound, load)
        cells += 1


@dataclass(frozen=True)
class Storm:
    """What came of many clients that lost their server at the same moment."""

    peak: float  # attempts per second, in the worst tenth of one
    half: float  # seconds until half of them are back
    all: float  # until 99 % are
    failed: int  # attempts that were not served in time


def storm(clients: int, handshakes: float, hint: float, seed: int, patience: float = 10.0) -> Storm:
    """``clients`` lose a server at the same moment, and another serves ``handshakes`` per second.

    ``hint``: they were given times to come back, spread over so many seconds (0: a crash tells nothing).
    An attempt that is not served within ``patience`` seconds fails, and the client waits as its policy says.
    """
    chance = random.Random(seed)
    policy = Backoff(rng=chance)
    lost = Close(code=1012)

    def wait(attempt: int, at_least: float) -> float:
        delay = policy.next_delay(Outage(attempt, attempt, lost, False))
        assert delay is not None
        return max(delay, at_least)

    agenda = [(wait(0, hint * number / clients), 0) for number in range(clients)]
    heapq.heapify(agenda)
    free_at = 0.0
    attempts: dict[int, int] = {}
    back: list[float] = []
    failed = 0
    while agenda:
        now, attempt = heapq.heappop(agenda)
        attempts[int(now * 10)] = attempts.get(int(now * 10), 0) + 1
        free_at = max(free_at, now) + 1 / handshakes
        if free_at - now > patience:
            failed += 1
            free_at -= 1 / handshakes  # it waits in the kernel's queue, and is gone when its turn comes
            heapq.heappush(agenda, (now + patience + wait(attempt + 1, 0), attempt + 1))
        else:
            back.append(free_at)
    back.sort()
    return Storm(max(attempts.values()) * 10, back[len(back) // 2], back[int(len(back) * 0.99) - 1], failed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=float, default=60_000)
    parser.add_argument("--connection-kib", type=float, default=17)
    parser.add_argument("--handshakes", type=float, default=600)
    parser.add_argument("--publishes", type=float, default=9_000)
    parser.add_argument("--handed-out", type=float, default=200_000)
    options = parser.parse_args()
    figures = Figures(
        options.deliveries,
        options.connection_kib * 1024,
        options.handshakes,
        options.publishes,
        options.handed_out,
    )
    print(
        f"one process: {figures.deliveries:,.0f} deliveries/s, {figures.connection_bytes / 1024:.0f} KiB"
        f" a connection, {figures.handshakes:,.0f} handshakes/s; one Redis: {figures.publishes:,.0f}"
        f" publishes/s, {figures.handed_out:,.0f} handed out/s; half of each is planned for\n"
    )
    head = f"{'crowd':<48}{'people':>12}{'processes':>11}{'bound by':>12}"
    print(head + f"{'cells':>7}{'Redis':>8}{'a month':>12}")
    for crowd in CROWDS:
        made = plan(crowd, figures)
        line = f"{crowd.name:<48}{crowd.connections:>12,}{made.processes:>11,}{made.bound:>12}"
        print(line + f"{made.cells:>7,}{made.redis_load:>7.0%} {made.cost:>12,.0f}")

    print("\nstorms: all clients of one process, and of four, come to what is left of a cell of ten\n")
    print(f"{'':<52}{'peak /s':>12}{'half back':>12}{'99 % back':>12}{'failed':>10}")
    for lost in (1, 4):
        clients = LOST * lost
        capacity = figures.handshakes * (10 - lost)
        for hint, told in ((0.0, "killed"), (clients / capacity, "drained, told when to come back")):
            result = storm(clients, capacity, hint, seed=1)
            name = f"{lost} of 10 {told}, {clients:,} clients"
            line = f"{name:<52}{result.peak:>12,.0f}{result.half:>10.1f} s{result.all:>10.1f} s"
            print(line + f"{result.failed:>10,}")


if __name__ == "__main__":
    main()
