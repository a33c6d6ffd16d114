"""What travels: records, topics, codec, log, tables, settings, metrics. Imports no package of ours."""
