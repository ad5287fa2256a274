# SPDX-License-Identifier: AGPL-3.0-or-later
"""A telephone in memory and a clock that stands still until it is moved."""

import pytest

from tests.unit.sip_endpoints.fake_phone import FakePhone


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
