"""Live sources over the network, each validated at the edge."""
