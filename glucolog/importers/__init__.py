"""One vendor format a file: bytes or text in, (records, problems) out; no database, no network."""
