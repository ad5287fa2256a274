# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the counsellor does to the kiosk's second screen: write, point, have it read aloud."""
