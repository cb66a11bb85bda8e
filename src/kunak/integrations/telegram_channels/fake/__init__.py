"""A Telegram of our own on loopback: an MTProto server with one account, its channels, and faults to order.

It speaks the real protocol with a key of its own, so that the client under test is the one that runs in production.
"""
