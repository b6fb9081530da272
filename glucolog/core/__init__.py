"""Pure rules and records: the standard library only; no clock, files, environment or logging."""
