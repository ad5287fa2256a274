# SPDX-License-Identifier: AGPL-3.0-or-later
"""An open camera is told by the kernel's own list of open files."""

from pathlib import Path

import pytest

from sip_endpoints.pjsua.camera_files import holds_camera


@pytest.mark.parametrize(
    ("targets", "is_held"),
    [
        ((), False),
        (("/dev/null", "socket:[4711]", "/dev/snd/pcmC0D0c"), False),
        (("/dev/null", "/dev/video0"), True),
        (("/dev/video12",), True),
    ],
)
def test_a_camera_among_the_open_files_is_seen(
    tmp_path: Path, targets: tuple[str, ...], is_held: bool
) -> None:
    for number, target in enumerate(targets):
        (tmp_path / str(number)).symlink_to(target)
    assert holds_camera(tmp_path) is is_held


def test_this_process_has_none() -> None:
    assert not holds_camera()
