# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a row of the day is, and other parts of pages that several readers see."""
