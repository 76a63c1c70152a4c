"""The room server of the soak, for ``metafor rooms``: its history covers long outages at a high rate."""

from __future__ import annotations

import os

from metafor.server import RedisBroker, RoomServer

rooms = RoomServer(broker=RedisBroker(os.environ["SOAK_REDIS"], history=20_000))
