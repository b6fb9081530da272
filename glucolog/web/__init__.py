"""The local web app over the same services: it holds no rule and no query."""
