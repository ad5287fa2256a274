# SPDX-License-Identifier: AGPL-3.0-or-later
"""Jobs and states of the printers and scanners at the kiosks."""
