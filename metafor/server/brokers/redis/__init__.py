"""The broker of several processes and machines: Redis 7 and later (the extra ``redis``)."""

from __future__ import annotations

from metafor.server.brokers.redis.broker import RedisBroker

__all__ = ["RedisBroker"]
