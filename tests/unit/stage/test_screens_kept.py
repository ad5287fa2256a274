# SPDX-License-Identifier: AGPL-3.0-or-later
"""The walk of `script/demo --check --screens` keeps every scene that the table has."""

import re
from pathlib import Path

from booking_web.domain.kiosks.scenes import Scene
from stage import screens_kept


def test_every_scene_is_walked_through() -> None:
    source = Path(screens_kept.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"Scene\.([A-Z_]+)", source)) == {each.name for each in Scene}
