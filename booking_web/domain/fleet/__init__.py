# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machines: what kiosks and servers tell of themselves, orders to them, alerts."""
