# SPDX-License-Identifier: AGPL-3.0-or-later
"""A secretary at the page of a whole running system."""

from collections.abc import Iterator

import pytest

from stage.secretary import Secretary
from stage.stack import Stage
from stage.story import SECRETARY


@pytest.fixture
def secretary(whole_stage: Stage) -> Iterator[Secretary]:
    """Give the signed-in secretary of Wassigny; every part of the system runs."""
    whole_stage.start()
    with Secretary(whole_stage.url) as secretary:
        secretary.sign_in(SECRETARY, whole_stage.passwords()[SECRETARY])
        yield secretary
