# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people read: sentences, dates and hours, in the page's language."""
