# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a kiosk says to its resident in a voice of the server's."""
