"""Topics in, topics out: rules, statements, stories, the pipeline and its runtimes. Opens no socket outward."""
