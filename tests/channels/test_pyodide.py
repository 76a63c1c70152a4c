"""The browser's transport in Pyodide, under Node: real interpreter, real sockets, no page."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import reactivex

ROOT = Path(__file__).parents[2]


def test_a_channel_in_pyodide(tmp_path: Path) -> None:
    half = shutil.copy(ROOT / "metafor/channels/transports/browser.js", tmp_path / "browser.mjs")
    site_packages = Path(reactivex.__file__).parents[1]
    run = subprocess.run(
        [
            "node",
            str(Path(__file__).parent / "pyodide" / "run.mjs"),
            str(ROOT),
            str(half),
            str(site_packages),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("passed") == 10, run.stdout + run.stderr
