# SPDX-License-Identifier: AGPL-3.0-or-later
"""What other programs ask: the kiosk's bridge, and software that books."""
