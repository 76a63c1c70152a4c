"""The root of every error that metafor raises on purpose.

Each package derives its own tree from :class:`MetaforError`, so that a program can catch one error,
one package's errors, or all of them. Every error has a stable ``code`` and, where there is one, a
``next_step`` that says what to do about it.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = ["MetaforError"]


class MetaforError(Exception):
    """Something went wrong that metafor can name.

    Takes the message (what was wrong and where) and, as keyword, ``next_step``: what the reader can
    do about it. ``str(error)`` shows both; ``error.message`` and ``error.next_step`` hold the parts.

    Example::

        try:
            await channel.connect()
        except MetaforError as error:
            log.error("%s: %s", error.code, error)
    """

    #: Stable, kebab-case, prefixed with the package: ``core/cycle``. Programs may depend on it.
    code: ClassVar[str] = "metafor/error"

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        if self.next_step:
            return f"{self.message} ({self.next_step}) [{self.code}]"
        return f"{self.message} [{self.code}]"
