"""The only place that knows SQLAlchemy: tables, engine, repository, journal, backup, migration."""
