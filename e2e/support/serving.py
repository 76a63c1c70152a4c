"""`metafor serve` as a process of its own, which can be killed and started again on the same port."""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

__all__ = ["Served", "metafor"]

#: Seconds. Generous, because a busy machine is no failure.
PATIENCE = 60

_SERVING = re.compile(r"Serving .* on (http://\S+:(\d+)/)")


def metafor(*arguments: str | Path) -> list[str]:
    """The command line of ``metafor``, as installed beside this Python."""
    return [str(Path(sys.executable).with_name("metafor")), *map(str, arguments)]


class Served:
    """An app, served. ``url`` ends with a slash and stays the same over `start` and `kill`."""

    def __init__(self, app: Path) -> None:
        self.app = app
        self.url = ""
        #: What the process printed, all runs together.
        self.printed: list[str] = []
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Served:
        """Return once the server listens."""
        self._process = process = subprocess.Popen(
            metafor("serve", self.app, "--port", self._port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(process, lines), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                self.stop()
                raise AssertionError(f"metafor serve {self.app} did not start:\n" + "".join(self.printed))
            if found := _SERVING.search(line):
                self.url, self._port = found[1], found[2]
                return self

    def kill(self) -> None:
        """End the process as a crash would: nobody is told."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End the process as Ctrl-C would, and give its exit code."""
        return self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
            raise AssertionError("metafor serve did not end within 10 s") from None

    def _read(self, process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            for line in output:
                self.printed.append(line)
                lines.put(line)
        lines.put(None)
