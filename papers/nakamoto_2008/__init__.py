"""Nakamoto (2008): a reward that halves until 21 million coins, or a little less, exist."""
