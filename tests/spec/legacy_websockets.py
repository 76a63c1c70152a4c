"""The old `websockets` release that the specification's servers are written for (ruling 46).

They say ``from websockets.server import serve``, which newer releases no longer have, so they run as
processes of their own with an old release before all others on their path. Run as a script to set up:
``python -m tests.spec.legacy_websockets``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "13.1"
TARGET = Path(__file__).parents[2] / ".cache" / "websockets-legacy"


def ensure() -> Path:
    """The folder that holds the old release, installed now if it is missing."""
    if not (TARGET / "websockets" / "version.py").exists():
        TARGET.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=TARGET.parent) as fresh:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", fresh]
            subprocess.run([*command, f"websockets=={VERSION}"], check=True)
            try:
                Path(fresh).rename(TARGET)  # whole or not at all, also when two test runs meet here
            except OSError:
                if not TARGET.exists():
                    raise
            Path(fresh).mkdir(exist_ok=True)
    return TARGET


if __name__ == "__main__":
    print(ensure())
