# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many bytes a request may bring; the front refuses what the pages would refuse."""

MAX_FORM_BYTES = 512 * 1024
# What surrounds the file in a form.
FORM_SLACK_BYTES = 64 * 1024
# A piece of a scan, as large as a kiosk sends it.
MAX_CHUNK_BYTES = 8 * 1024 * 1024
# The file of a library of forms that another organisation hands on.
MAX_LIBRARY_BYTES = 60_000_000
# An organisation's mark, or a photo as a telephone takes it.
MAX_PICTURE_BYTES = 12_000_000
