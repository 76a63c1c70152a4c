"""The JavaScript halves of metafor, as modules that a page fetches: one file each."""

from __future__ import annotations

from pathlib import Path

import metafor

__all__ = ["dom_script", "sockets_script"]

_PACKAGE = Path(metafor.__file__).parent

#: Browsers that know this hint compile all functions with the script; else each is compiled when an event
#: first needs it, which costs the first event of each kind half a millisecond. It must be the first line.
#: Source: https://wicg.github.io/explicit-javascript-compile-hints-file-based
_COMPILE_ALL = b"//# allFunctionsCalledOnLoad\n"


def dom_script() -> bytes:
    """The kernel of the renderer: the scripts of its folder in one module, for each request costs time.

    They stand in alphabetical order: what one computes as it loads must not need another's constants.
    """
    scripts = sorted((_PACKAGE / "dom" / "hosts" / "kernel").glob("[!.]*.js"))
    return _COMPILE_ALL + b"\n".join(script.read_bytes() for script in scripts)


def sockets_script() -> bytes:
    """What channels need of the page: its WebSockets."""
    return _COMPILE_ALL + (_PACKAGE / "channels" / "transports" / "browser.js").read_bytes()
