# SPDX-License-Identifier: AGPL-3.0-or-later
"""The medium that makes a bare PC a kiosk: Debian's own installer, its questions answered."""
