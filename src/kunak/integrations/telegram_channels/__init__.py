"""Telegram as a user account sees it."""

import logging

logging.getLogger("telethon").setLevel(logging.WARNING)  # imported, it tells which library encrypts
