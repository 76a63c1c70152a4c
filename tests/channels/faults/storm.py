"""Many clients that lose their server at the same moment: when does each come back?

The real machine and the real policy, in virtual time; what is simulated is the network, which refuses at
once while the outage lasts and takes ``HANDSHAKE`` seconds to open afterwards.
"""

from __future__ import annotations

import random
from heapq import heappop, heappush

from metafor.channels.connection import Action, ChannelState, Connection, OpenSocket, StartTimer, Timer
from metafor.channels.reconnect import Backoff
from metafor.channels.transports.base import Close

HANDSHAKE = 0.01
#: The window in which opens are counted, in seconds.
WINDOW = 0.1


def opens_after_outage(clients: int, outage: float, seed: int) -> list[float]:
    """The seconds after the outage at which each client opens, sorted. It had been up for a minute."""
    chance = random.Random(seed)
    machines = [Connection(Backoff(rng=random.Random(chance.random()))) for _ in range(clients)]
    agenda: list[tuple[float, int, Timer]] = []
    opens: list[float] = []

    def carry_out(now: float, number: int, actions: list[Action]) -> None:
        machine = machines[number]
        for action in actions:
            match action:
                case StartTimer(Timer.RETRY, seconds):
                    heappush(agenda, (now + seconds, number, Timer.RETRY))
                case OpenSocket(generation) if now < outage:
                    carry_out(now, number, machine.socket_closed(generation, Close(problem="refused"), now))
                case OpenSocket(generation):
                    machine.socket_opened(generation, now + HANDSHAKE)
                    opens.append(now + HANDSHAKE - outage)

    for number, machine in enumerate(machines):
        machine.connect()
        machine.socket_opened(1, -60.0)
        carry_out(0.0, number, machine.socket_closed(1, Close(), 0.0))
    while agenda:
        now, number, timer = heappop(agenda)
        carry_out(now, number, machines[number].timer_fired(timer, now))
    assert all(machine.state is ChannelState.OPEN for machine in machines)
    return sorted(opens)


def peak(moments: list[float]) -> float:
    """The largest share of ``moments``, which are sorted, in any `WINDOW`."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] < moment - WINDOW:
            first += 1
        most = max(most, last - first + 1)
    return most / len(moments)
