"""Where the example chat is: in the source checkout, else in the installed package."""

from __future__ import annotations

from pathlib import Path

from metafor.cli.errors import AppError

__all__ = ["demo_app"]

_HERE = Path(__file__).resolve().parent


def demo_app() -> Path:
    """The directory of the example chat. Raises `AppError` when this installation has none."""
    checkout = _HERE.parent.parent / "examples" / "chat"
    packaged = _HERE / "demo_app"  # put there when the wheel is made
    for folder in (checkout, packaged):
        if (folder / "main.py").is_file():
            return folder
    raise AppError(
        "this installation of metafor holds no example", next_step="install it from a wheel or a checkout"
    )
