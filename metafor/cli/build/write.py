"""Writing a site to a directory: whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from metafor.cli.build.site import MANIFEST, Site
from metafor.cli.errors import OutputError

__all__ = ["check_output", "write_site"]


def check_output(output: Path, app: Path) -> Path:
    """Where a build goes that was asked to go to ``output``, links resolved.

    Raises `OutputError` when something is there that is no earlier build, or when replacing it would
    take the app with it.
    """
    target = output.resolve()
    if app.is_relative_to(target):
        raise OutputError(
            f"{output} holds the app itself, and a build replaces its whole directory",
            next_step="name a directory of its own, such as dist",
        )
    if target.exists() and not target.is_dir():
        raise OutputError(f"{output} is no directory", next_step="name a directory, such as dist")
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).is_file():
        raise OutputError(
            f"{output} is not empty and was not made by metafor build",
            next_step="name another directory, or empty this one",
        )
    return target


def write_site(site: Site, target: Path) -> int:
    """Put ``site`` in place of ``target`` (from `check_output`) and give its size in bytes.

    It is written beside ``target`` first, so that a failure leaves what was there. Raises
    `OutputError` when the disk does not take it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-new-"))
        try:
            size = sum(_write(fresh / path, content) for path, content in site.files.items())
            fresh.chmod(0o755)  # mkdtemp makes it private, but a web server has to read it
            _replace(target, fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
    except OSError as error:
        raise OutputError(
            f"{target} cannot be written: {error.strerror or error}",
            next_step="look at the permissions and the space there; what was there is unchanged",
        ) from error
    return size


def _write(path: Path, content: bytes | Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.read_bytes()
    return path.write_bytes(data)


def _replace(target: Path, fresh: Path) -> None:
    if not target.exists():
        fresh.rename(target)
        return
    former = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-old-"))
    target.rename(former / "site")
    try:
        fresh.rename(target)
    except BaseException:
        (former / "site").rename(target)
        raise
    finally:
        shutil.rmtree(former, ignore_errors=True)
