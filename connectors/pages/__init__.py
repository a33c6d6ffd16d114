"""Pages: fetched politely, their bodies extracted in processes with limits."""
