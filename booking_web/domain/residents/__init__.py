# SPDX-License-Identifier: AGPL-3.0-or-later
"""The residents that a town hall knows: found as one types, edited, merged, forgotten."""
