# SPDX-License-Identifier: AGPL-3.0-or-later
"""What leaves the directory with secrets in clear: bundles, and the files they are written to."""
