"""Hoffmann et al. (2022): how large a model to train, and on how much data, for a given compute budget."""
