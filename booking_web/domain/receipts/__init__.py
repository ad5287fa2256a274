# SPDX-License-Identifier: AGPL-3.0-or-later
"""The receipt that a resident takes home: what is proposed for it, and that it was made."""
