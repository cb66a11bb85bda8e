"""What every model behind an HTTP address has in common: one way to ask, one table of what its refusals mean."""
