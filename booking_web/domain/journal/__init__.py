# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was done: written down, and told to pages, programs and residents."""
