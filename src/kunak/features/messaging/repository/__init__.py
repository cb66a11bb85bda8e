"""Every query of the message ledger; all of the hot path work on many messages in one statement."""
