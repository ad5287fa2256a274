# SPDX-License-Identifier: AGPL-3.0-or-later
"""Has a process keep the memory that a page needed, for the next page."""

import ctypes

# mallopt(3): the most that is left to the heap, and no memory of its own per piece.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
KEPT_BYTES = 512 * 1024 * 1024


def keep_memory() -> None:
    """Take a page's memory once, not anew for each page; for a process of pages only.

    A page is 26 MB several times over; having the kernel empty and map that much anew
    takes as long as reading the page, or judging it (measured with the backend `test`: 51
    ms of memory and reading become 34, 48 ms of memory and judging 33). The process ends
    with the bridge, and its memory with it.
    """
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_MAX, 0)
    libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
