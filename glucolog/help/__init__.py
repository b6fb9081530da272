"""Pages for people, shipped with the program and shown by `glucolog help TOPIC`."""
