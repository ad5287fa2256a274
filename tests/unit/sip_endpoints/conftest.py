# SPDX-License-Identifier: AGPL-3.0-or-later
"""A telephone in memory and a clock that stands still until it is moved."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_phone import FakePhone  # noqa: E402 - needs the path above


class Clock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def phone() -> FakePhone:
    """Give a registered telephone."""
    return FakePhone()


@pytest.fixture
def clock() -> Clock:
    """Give a clock to move."""
    return Clock()
