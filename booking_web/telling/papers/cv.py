# SPDX-License-Identifier: AGPL-3.0-or-later
"""How large a CV's letters may be, and how wide its picture on a screen is."""

# As large as one page allows, down to what is still read without effort.
SIZES = (11.5, 11.0, 10.5, 10.0, 9.5, 9.0)
# Sharp on the second screen, and soon drawn.
PICTURE_PIXELS = 1240
PAGE_POINTS = (595.0, 842.0)
# What is framed around a section that changes: so high, its heading above it included.
FRAME_POINTS = 210.0
# Between the page's margins: the narrower what is framed, the larger it is shown.
FRAME_BESIDE_POINTS = 37.0
FRAME_ABOVE_POINTS = 34.0
