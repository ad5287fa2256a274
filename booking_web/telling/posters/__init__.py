# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a relay hangs up and hands out so that people know of it."""
