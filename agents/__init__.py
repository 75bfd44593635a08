"""Populations: their declared columns and their decision rules.

Depends on `catallaxy.numba_kernels` only. Nothing here imports Numba at module level: kernels are reached
through the lazy attributes of that package, so that a scenario can be checked in a fraction of a second.
"""
