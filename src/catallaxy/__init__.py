"""Catallaxy: an agent-based simulator of decentralized-AI token economies."""

__version__ = "0.1.0"
