# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the window of what the peer sends."""

import pjsua2 as pj


def show_picture(call: pj.Call, *, is_shown: bool) -> None:
    """Show or hide the window of each picture that comes. Raises pj.Error."""
    # The info object must outlive the loop: its media vector belongs to it.
    info = call.getInfo()
    for media in info.media:
        if (
            media.type == pj.PJMEDIA_TYPE_VIDEO
            and media.videoIncomingWindowId != pj.INVALID_ID
        ):
            media.videoWindow.Show(is_shown)
