"""glucolog: a private log of massage and glucose for people who take insulin."""

__version__ = "0.1.0"
