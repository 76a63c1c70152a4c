"""``metafor check``: what is wrong, or doubtful, in templates, without running them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from metafor.compiler import Diagnostic

__all__ = ["check"]

#: Folders that hold what others wrote, or what was built.
_FOREIGN = frozenset({"node_modules", "__pycache__", "site-packages", "dist", "build"})


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(["human", "json", "editor"]),
    default="human",
    show_default=True,
    help="With frames; one JSON object; or a line each, FILE:LINE:COLUMN: SEVERITY: MESSAGE [CODE].",
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.pass_context
def check(ctx: click.Context, paths: tuple[Path, ...], style: str, strict: bool) -> None:
    """Check the templates among PATHS (files, or directories with all below them; default: here).

    Ends with 0 when there are no mistakes, 1 when there are, and 2 when a path cannot be read.
    """
    from metafor.compiler import check_file

    files = sorted({file for path in paths or (Path(),) for file in _templates(path)})
    found: list[Diagnostic] = []
    for file in files:
        try:
            found += check_file(file)
        except OSError as error:
            raise click.UsageError(f"cannot read {file}: {error.strerror}") from error
    errors = sum(one.severity == "error" for one in found)
    warnings = len(found) - errors
    if style == "json":
        click.echo(_as_json(found, len(files), errors, warnings))
    elif style == "editor":
        for one in found:
            click.echo(f"{one.filename}:{one.line}:{one.column}: {one.severity}: {one.message} [{one.code}]")
    else:
        for one in found:
            click.echo(one.format() + "\n")
        counts = f"{_count(errors, 'mistake')} and {_count(warnings, 'warning')}"
        click.echo(f"{counts} in {_count(len(files), 'template')}.")
    ctx.exit(1 if errors or (strict and warnings) else 0)


def _as_json(found: Sequence[Diagnostic], files: int, errors: int, warnings: int) -> str:
    """Lines and columns are 1-based and count characters; the end is behind the last character."""
    items = [{k: v for k, v in asdict(one).items() if not k.startswith("excerpt")} for one in found]
    report = {"files": files, "errors": errors, "warnings": warnings, "diagnostics": items}
    return json.dumps(report, indent=2, ensure_ascii=False)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _templates(path: Path) -> Iterator[Path]:
    """The templates at or below ``path``; hidden folders, environments and what was built are left out."""
    if path.is_file():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in _FOREIGN
            and not Path(folder, name, "pyvenv.cfg").is_file()
        ]
        for name in names:
            if name.endswith(".ptml") and not name.startswith("."):
                yield Path(folder, name)
