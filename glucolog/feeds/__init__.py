"""Live sources over the network. Nothing here opens a connection before it is asked to fetch or to send."""
