"""Milionis, Moallemi, Roughgarden and Zhang (2022): loss versus rebalancing."""
