"""``--cdn``: bring the runtime into the user's cache, once, and say so."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from metafor.cli.errors import DownloadError
from metafor.cli.runtime.find import Runtime, cache_folder, runtime_at
from metafor.cli.runtime.release import CDN, SHA256, VERSION

__all__ = ["Opener", "download_runtime"]

#: Opens an address for reading.
Opener = Callable[[str], AbstractContextManager[IO[bytes]]]

TIMEOUT_SECONDS = 30


def download_runtime(
    say: Callable[[str], object], *, cache: Path | None = None, opener: Opener | None = None
) -> Runtime:
    """Download the runtime into ``cache`` (default: `cache_folder`), unless it is there already.

    ``say`` gets a line for each thing that is done. Every file is checked against its known SHA-256,
    and the folder appears only when all are there. Raises `DownloadError`.
    """
    cache = cache if cache is not None else cache_folder()
    opener = opener if opener is not None else _open
    if cache.is_dir():
        say(f"Pyodide {VERSION} is in {cache} already")
        return runtime_at(cache)
    say(f"Downloading Pyodide {VERSION} from {CDN} into {cache}")
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with _temporary_folder(cache.parent) as temporary:
            for name, checksum in SHA256.items():
                size = _fetch(opener, CDN + name, temporary / name, checksum)
                say(f"  {name}  {size / 1e6:.1f} MB")
            temporary.rename(cache)
    except OSError as error:
        raise DownloadError(
            f"the Pyodide runtime cannot be stored in {cache}: {error}",
            next_step=f"make room, or run `npm install pyodide@{VERSION}` beside the app",
        ) from error
    return runtime_at(cache)


@contextmanager
def _temporary_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=".pyodide-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # not there any more once it was renamed


def _fetch(opener: Opener, address: str, target: Path, checksum: str) -> int:
    """Write ``address`` to ``target`` and give its size in bytes."""
    digest = hashlib.sha256()
    size = 0
    try:
        with opener(address) as source, target.open("wb") as file:
            while block := source.read(1 << 16):
                digest.update(block)
                size += file.write(block)
    except (OSError, http.client.HTTPException) as error:
        raise DownloadError(
            f"{address} could not be downloaded: {error}",
            next_step=f"look at the network, or run `npm install pyodide@{VERSION}` beside the app",
        ) from error
    if digest.hexdigest() != checksum:
        raise DownloadError(
            f"{address} is not the file it should be: its SHA-256 is {digest.hexdigest()}",
            next_step="try again; if it stays so, something between here and there changes it",
        )
    return size


def _open(address: str) -> AbstractContextManager[IO[bytes]]:
    opened: AbstractContextManager[IO[bytes]] = urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS)
    return opened
