"""Samani (2018): burn-and-mint where the token's price follows the quantity theory of money."""
