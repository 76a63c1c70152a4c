"""Flow control: how much of what is not news a peer is sent before it shows that it has read it.

What has just happened is sent at once, and whoever does not keep up is cut. Histories and lists of members
may be long, and come of what the client asked for: of them there is never more on its way than a part of
what may wait for a connection.
"""

from __future__ import annotations

import asyncio

from metafor.channels.reliable.wire import head_frame
from metafor.server.hub import byte_length
from metafor.server.parcel import Parcel
from metafor.server.reliable.host import Host
from metafor.server.reliable.peer import Peer

__all__ = ["allowance", "has_read", "offer", "send", "send_counted", "until_read"]

#: Messages at most that are fetched, and sent, at a time.
CHUNK = 128


def offer(host: Host, peer: Peer, parcel: Parcel) -> None:
    """Send one frame to one peer; others may share the parcel."""
    host.offer(peer.connection, parcel)
    peer.spoken = asyncio.get_running_loop().time()


def send(host: Host, peer: Peer, frame: str | bytes) -> None:
    """Send one frame to one peer."""
    offer(host, peer, Parcel(frame))


def send_counted(host: Host, peer: Peer, frame: str | bytes) -> None:
    """As `send`, of what `allowance` allows."""
    send(host, peer, frame)
    peer.unread += 1
    peer.unread_bytes += byte_length(frame)


def allowance(host: Host, peer: Peer) -> int:
    """How many frames the peer may be sent before it shows that it has read those before."""
    limits = host.hub.limits
    if peer.unread_bytes >= limits.queue_bytes // 4:
        return 0
    return max(0, min(CHUNK, limits.queue_messages // 4 + 1 - peer.unread))


async def until_read(host: Host, peer: Peer) -> None:
    """Ask the peer for a sign that it has read all of it, a ping, and wait for that."""
    if peer.reading is None:
        peer.marks += 1
        peer.reading = (f"m{peer.marks}", asyncio.Event())
        send(host, peer, head_frame({"type": "_ping", "t": peer.reading[0]}))
    await peer.reading[1].wait()


def has_read(peer: Peer, mark: object) -> None:
    """The peer answered a ping, perhaps that one."""
    if peer.reading is not None and peer.reading[0] == mark:
        peer.reading[1].set()
        peer.reading = None
        peer.unread = peer.unread_bytes = 0
