# SPDX-License-Identifier: AGPL-3.0-or-later
"""Part of the pjsua2 adapter: the window of what the peer sends."""

import pjsua2 as pj

# A kiosk's usual screen; the session gives the window its own size in any case.
MAPPED_WIDTH, MAPPED_HEIGHT = 1920, 1080


def show_picture(call: pj.Call, *, is_shown: bool) -> None:
    """Show or hide the window of each picture that comes. Raises pj.Error."""
    # The info object must outlive the loop: its media vector belongs to it.
    info = call.getInfo()
    for media in info.media:
        if (
            media.type == pj.PJMEDIA_TYPE_VIDEO
            and media.videoIncomingWindowId != pj.INVALID_ID
        ):
            if is_shown:
                # Before it is there: its first size is the codec's, of no picture that comes.
                media.videoWindow.setSize(_mapped_size())
            media.videoWindow.Show(is_shown)


def _mapped_size() -> pj.MediaSize:
    size = pj.MediaSize()
    size.w, size.h = MAPPED_WIDTH, MAPPED_HEIGHT
    return size
