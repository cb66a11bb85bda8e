"""Every query of conversations."""
