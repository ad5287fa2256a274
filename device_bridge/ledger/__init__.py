# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the kiosk must not forget, written down first; then the server is told."""
