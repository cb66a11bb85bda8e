"""What is said, in Telegram's form."""
