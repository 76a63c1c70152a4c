"""Zip archives that are the same whenever their content is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

__all__ = ["zip_files"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip archive can name


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of ``files`` (path to content): sorted, without times, owners or machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, compresslevel=9)
    return buffer.getvalue()
