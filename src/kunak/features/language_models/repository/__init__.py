"""Every query about what models cost."""
