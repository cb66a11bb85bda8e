"""Kunak: a self-hosted platform for Telegram communities."""

__version__ = "0.1.0"
