"""Rosu and Saleh (2021): how shares evolve when blocks are proposed, and rewards earned, in proportion to stake."""
