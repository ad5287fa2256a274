# SPDX-License-Identifier: AGPL-3.0-or-later
"""The interpreter's call: a second one to the kiosk, which moves no appointment."""
