# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kiosk's call: what is keyed in it, what is said and shown in it, and the telephone's link."""
