# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a change must pass before it lands, step by step, and what is kept of each run."""
