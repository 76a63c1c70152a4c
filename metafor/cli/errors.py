"""What the command can say went wrong, by name, each with the exit code that it ends with.

::

    CliError (2: what was asked for cannot be done as it stands)
    ├── AppError         the directory is no app, or its settings make no sense
    ├── RuntimeNotFound  there is no Pyodide of the right version
    ├── DownloadError    the download failed, or brought something else (1)
    ├── AddressError     the server cannot listen where it was told to
    ├── OutputError      the build may not write where it was told to
    └── BuildError       the app has mistakes; `problems` lists all of them (1)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from metafor.errors import MetaforError

__all__ = [
    "AddressError",
    "AppError",
    "BuildError",
    "CliError",
    "DownloadError",
    "OutputError",
    "RuntimeNotFound",
]


class CliError(MetaforError):
    """Any error of the command."""

    code: ClassVar[str] = "cli/error"
    exit_code: ClassVar[int] = 2


class AppError(CliError):
    """The directory is no app, or its settings make no sense."""

    code: ClassVar[str] = "cli/app"


class RuntimeNotFound(CliError):
    """There is no Pyodide of the version that this metafor was made for."""

    code: ClassVar[str] = "cli/runtime"


class DownloadError(CliError):
    """The Pyodide runtime could not be downloaded whole."""

    code: ClassVar[str] = "cli/download"
    exit_code: ClassVar[int] = 1


class AddressError(CliError):
    """The server cannot listen on the given host and port."""

    code: ClassVar[str] = "cli/address"


class OutputError(CliError):
    """The output directory is not one that a build may replace."""

    code: ClassVar[str] = "cli/output"


class BuildError(CliError):
    """The app cannot be built. ``problems`` are all reasons, each a text of one line or more."""

    code: ClassVar[str] = "cli/build"
    exit_code: ClassVar[int] = 1

    def __init__(self, problems: Sequence[str]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"the app has {count}", next_step="mend what is listed above")
        self.problems = tuple(problems)

    @property
    def report(self) -> str:
        """All problems, one after the other, an empty line between them."""
        return "\n\n".join(self.problems)
