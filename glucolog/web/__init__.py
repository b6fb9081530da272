"""The local web app: pages over the services. It holds no rule and no query."""
