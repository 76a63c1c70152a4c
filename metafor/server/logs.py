"""What the server writes to the log ``metafor.server``: an event with fields, safe in any formatter.

Names of rooms, origins, reasons and all else that strangers choose are written as JSON in ASCII, cut to
`LONGEST`: no line break, terminal escape or forged field gets into a log.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["LONGEST", "JsonFormatter", "log", "write"]

LONGEST: Final = 200

log: Final = logging.getLogger("metafor.server")


def write(level: int, event: str, /, *, error: BaseException | None = None, **fields: object) -> None:
    """Log ``event`` (a constant) with ``fields``. ``error`` adds its traceback, lines marked by ``|``."""
    if not log.isEnabledFor(level):
        return
    safe = {name: _safe(value) for name, value in fields.items()}
    text = " ".join((event, *(f"{name}={json.dumps(value)}" for name, value in safe.items())))
    extra = {"event": event, "fields": safe}
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    record = log.makeRecord(log.name, level, __file__, 0, "%s", (text,), exc_info, extra=extra)
    if exc_info is not None:  # what a formatter would write itself holds the error's text as it is
        lines = "".join(traceback.format_exception(*exc_info)).splitlines()
        record.exc_text = "\n".join(f"  | {ascii(line)[1:-1]}" for line in lines)
    log.handle(record)


def _safe(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON (ASCII): ``time`` (UTC), ``level``, ``logger``, ``event``, fields.

    It takes records of any logger; those without an event have their message there. Example::

        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        logging.getLogger("metafor.server").addHandler(handler)
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the line break."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "event", None) or record.getMessage(),
        }
        for name, value in getattr(record, "fields", {}).items():
            line.setdefault(name, value)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)
