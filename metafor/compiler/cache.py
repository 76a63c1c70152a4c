"""Compiled templates on disk, beside Python's own: ``__pycache__/chat.ptml.cpython-311.mfc``.

An entry belongs to one text at one path, one state of this compiler and one Python; anything else is a miss,
and so is an entry that cannot be read. Entries are written to a file of their own and renamed, so that two
processes at once see a whole entry or none. ``PYTHONPYCACHEPREFIX`` and ``PYTHONDONTWRITEBYTECODE`` hold
here, too.
"""

from __future__ import annotations

import marshal
import os
import sys
from functools import lru_cache
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER, cache_from_source
from types import CodeType
from typing import Final, NamedTuple

__all__ = ["Entry", "cache_path", "load", "save"]

_MAGIC: Final = b"metafor template 1\n"
_DIGEST: Final = 16


class Entry(NamedTuple):
    """A template's code, and what the compiler warned about: (line, message) pairs."""

    code: CodeType
    warnings: tuple[tuple[int, str], ...]


def cache_path(path: str) -> str:
    """Where the entry of the template at ``path`` is kept."""
    folder, name = os.path.split(path)
    level = sys.flags.optimize
    tag = f"{sys.implementation.cache_tag}{f'.opt-{level}' if level else ''}"
    return os.path.join(_folder(folder, sys.pycache_prefix), f"{name}.{tag}.mfc")


@lru_cache(maxsize=256)
def _folder(folder: str, prefix: str | None) -> str:
    """Where Python keeps the code of modules in ``folder``."""
    return os.path.dirname(cache_from_source(os.path.join(folder, "_.py"), optimization=""))


def load(path: str, source: bytes) -> Entry | None:
    """The entry of the template at ``path`` whose file holds ``source``; None when there is none."""
    try:
        with open(cache_path(path), "rb") as file:
            data = file.read()
        head = _MAGIC + _key(path, source)
        body = len(head) + _DIGEST
        if not data.startswith(head) or data[len(head) : body] != _digest(data[body:]):
            return None
        code, warnings = marshal.loads(data[body:])
    except (OSError, EOFError, ValueError, TypeError, NotImplementedError):
        return None
    return Entry(code, warnings)


def save(path: str, source: bytes, entry: Entry) -> None:
    """Keep ``entry``. A folder that cannot be written to is no mistake: the next import compiles again."""
    if sys.dont_write_bytecode:
        return
    body = marshal.dumps(tuple(entry))
    target = ""
    try:
        target = cache_path(path)
        temporary = f"{target}.{os.getpid()}.{id(entry):x}"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            with open(temporary, "xb") as file:
                file.write(_MAGIC + _key(path, source) + _digest(body) + body)
            os.replace(temporary, target)
        except OSError:
            os.unlink(temporary)
    except (OSError, NotImplementedError):
        pass


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_DIGEST).digest()


def _key(path: str, source: bytes) -> bytes:
    return _digest(b"\0".join([_compiler(), os.fsencode(path), source]))


@lru_cache(maxsize=1)
def _compiler() -> bytes:
    """What tells this compiler and this Python from others: the state of the compiler's own files."""
    state: list[object] = [MAGIC_NUMBER, sys.version_info[:3]]
    folders = [os.path.dirname(os.path.abspath(__file__))]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.is_dir() and entry.name != "__pycache__":
                    folders.append(entry.path)
                elif entry.name.endswith(".py"):
                    stat = entry.stat()
                    state.append((entry.name, stat.st_size, stat.st_mtime_ns))
    return _digest(repr(state).encode())
