# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story as README shows it: three pictures, and one that moves."""
