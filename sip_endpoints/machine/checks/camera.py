# SPDX-License-Identifier: AGPL-3.0-or-later
"""The camera: a picture is taken and is not black. Between calls nobody else holds it."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from sip_endpoints.machine.checks.check import Check, CheckName, absent, failed, passed
from sip_endpoints.machine.checks.picture import light_of
from sip_endpoints.machine.devices.found import ChoiceNeeded, Found, Kind, meant
from sip_endpoints.machine.system.choices import NONE
from sip_endpoints.machine.system.errors import ProgramFailed
from sip_endpoints.machine.system.programs import Run, run
from sip_endpoints.settings import AUTO, COLORBAR

# A camera adapts its exposure first.
_SKIPPED, _TAKEN = 15, 2
_LIMIT_SECONDS = 20.0
_FORMAT = re.compile(r"Pixel Format\s*:\s*'(\w+)'")
_SIZE = re.compile(r"Size Image\s*:\s*(\d+)")
_NAME = CheckName.CAMERA


def check_camera(
    choice: str, bundled: str, find: Callable[[], list[Found]], run: Run = run
) -> Check:
    """Look through the camera that the telephone would take."""
    if choice == NONE:
        return absent(_NAME)
    if bundled == COLORBAR:
        return passed(_NAME, virtual=True)
    try:
        camera = meant(Kind.CAMERA, _first(bundled, choice), find())
    except ChoiceNeeded:
        return failed(_NAME, "choice_needed")
    if camera is None:
        return failed(_NAME, "no_camera")
    return _look(camera, run)


def _first(bundled: str, choice: str) -> str:
    return bundled if bundled != AUTO else choice


def _look(camera: Found, run: Run) -> Check:
    device = ["v4l2-ctl", "--device", camera.address]
    picture = "width=640,height=480,pixelformat=YUYV"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frames"
        try:
            run([*device, f"--set-fmt-video={picture}"], may_fail=True)
            told = run([*device, "--get-fmt-video"]).output
            stream = ["--stream-mmap", f"--stream-skip={_SKIPPED}"]
            stream += [f"--stream-count={_TAKEN}", f"--stream-to={file}"]
            run([*device, *stream], limit_seconds=_LIMIT_SECONDS)
            frames = file.read_bytes()
        except (ProgramFailed, OSError) as error:
            return failed(
                _NAME, "camera_unreadable", device=camera.title, why=str(error)
            )
    found, size = _FORMAT.search(told), _SIZE.search(told)
    light = light_of(frames, found[1] if found else "", int(size[1]) if size else 0)
    if light is None:
        return failed(_NAME, "camera_unreadable", device=camera.title)
    details = {"device": camera.title, "light": light.mean}
    if light.is_black:
        return failed(_NAME, "black_picture", **details)
    return passed(_NAME, **details)
