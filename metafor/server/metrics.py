"""What the server counts, and how it tells a monitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from metafor.server.errors import ServerError

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

__all__ = ["CONTENT_TYPE", "Metrics"]

#: The text exposition format of Prometheus.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Plain counters, cheap enough for the hot path. Labels are codes of the server, no stranger's words."""

    def __init__(self) -> None:
        self.accepted = 0
        self.received = 0
        self.received_bytes = 0
        self.delivered = 0
        self.delivered_bytes = 0
        self.paced = 0
        #: By the reason: ``origin``, ``identity``, ``full``, ``closing``, ``broker``, ``failed``.
        self.refused: Counter[str] = Counter()
        #: By the code of the ``_error`` that the client was told.
        self.errors: Counter[str] = Counter()
        #: By the code of our close frame.
        self.closed: Counter[str] = Counter()

    def exposition(self, *, connections: int, rooms: int, broker_up: bool) -> bytes:
        """All of it, in the text format of Prometheus; `CONTENT_TYPE` is its type.

        Raises `ServerError` when ``prometheus-client`` is not installed.
        """
        try:
            from prometheus_client.exposition import generate_latest
            from prometheus_client.registry import CollectorRegistry
        except ImportError:
            raise ServerError(
                "metrics need the package prometheus-client",
                next_step="pip install 'metafor[server]'",
            ) from None
        registry = CollectorRegistry()
        registry.register(_Collector(self._families(connections, rooms, broker_up)))
        return generate_latest(registry)

    def _families(self, connections: int, rooms: int, broker_up: bool) -> list[Metric]:
        from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily

        def gauge(name: str, text: str, value: float) -> Metric:
            return GaugeMetricFamily(f"metafor_{name}", text, value=value)

        def counter(name: str, text: str, value: float) -> Metric:
            return CounterMetricFamily(f"metafor_{name}", text, value=value)

        def counters(name: str, text: str, label: str, values: Counter[str]) -> Metric:
            family = CounterMetricFamily(f"metafor_{name}", text, labels=[label])
            for key, value in sorted(values.items()):
                family.add_metric([key], value)
            return family

        return [
            gauge("connections", "Open connections.", connections),
            gauge("rooms", "Rooms with a member on this server.", rooms),
            gauge("broker_up", "Whether the broker can be reached.", float(broker_up)),
            counter("connections_accepted", "Connections that were let in.", self.accepted),
            counters("connections_refused", "Connections that were not.", "why", self.refused),
            counters("connections_closed", "Connections that the server ended.", "code", self.closed),
            counter("messages_received", "Messages of clients.", self.received),
            counter("received_bytes", "Bytes of these, without headers.", self.received_bytes),
            counter("messages_delivered", "Messages queued for a client, once for each.", self.delivered),
            counter("delivered_bytes", "Bytes of these, without headers.", self.delivered_bytes),
            counter("messages_paced", "Messages held back by messages_per_second.", self.paced),
            counters("errors", "Errors that clients were told.", "code", self.errors),
        ]


class _Collector:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
