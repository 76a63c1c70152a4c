"""Options and helpers of the compiler's tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-samples",
        action="store_true",
        default=False,
        help="write what the compiler gives now as the samples' expected output",
    )
