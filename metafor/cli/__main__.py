"""``python -m metafor.cli``, for when the command itself is not on the path."""

from metafor.cli import main

main(prog_name="metafor")
