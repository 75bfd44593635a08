"""Monnot (2020): the base fee of EIP-1559 under stationary demand."""
