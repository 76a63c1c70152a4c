"""The Pyodide release that metafor is made for, and what is in it.

Upgrading Pyodide is a change of this file and of ``package.json``; a test holds the two together.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CDN", "LOCK", "SHA256", "VERSION"]

VERSION: Final = "314.0.7"
#: Pyodide's releases on the CDN that Pyodide publishes to, in the form of its npm package, so that
#: the checksums below hold for both.
CDN: Final = f"https://cdn.jsdelivr.net/npm/pyodide@{VERSION}/"
LOCK: Final = "pyodide-lock.json"
#: What a runtime consists of, and the checksum of each file. ``package.json`` carries the version.
SHA256: Final = {
    "package.json": "40ca48e43ce4ddc68412d5b7a7ca9e2477cd4f0e672277ae468ac2245717079b",
    "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
    LOCK: "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
}
