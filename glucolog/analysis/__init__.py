"""Statistics over many readings, days or sessions: numpy in, one frozen result out; no clock, no files."""
