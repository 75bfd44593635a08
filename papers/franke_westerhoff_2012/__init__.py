"""Franke and Westerhoff (2012): returns when traders switch between fundamentalism and chartism."""
