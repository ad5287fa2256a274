# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosks: who is there, their devices and jobs, what their second screen shows."""
