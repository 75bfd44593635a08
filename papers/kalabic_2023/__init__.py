"""Kalabić (2023): burn-and-mint where holders foresee all burning and minting."""
