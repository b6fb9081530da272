"""Many people at once: shards of a cohort, the kernel mapped over them, and what comes of it."""
