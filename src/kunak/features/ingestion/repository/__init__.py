"""Every query of ingestion."""
