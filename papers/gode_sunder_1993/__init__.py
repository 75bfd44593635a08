"""Gode and Sunder (1993): allocative efficiency of markets with zero-intelligence traders."""
