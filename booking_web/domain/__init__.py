# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the product decides, in the transaction of whoever asks: no Flask, no form, no sentence."""
