# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new version of this kiosk: prepared here, judged here; `update-steps` does what changes it."""
