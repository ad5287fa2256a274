# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who was shut out: their registration and their calls end, at Asterisk."""
