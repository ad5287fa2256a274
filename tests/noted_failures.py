# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is noted of a test that failed, for what it leaves behind to be put in order."""

import pytest

HAS_FAILED = pytest.StashKey[bool]()
