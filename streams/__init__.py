"""Topics in, topics out: rules, statements, stories, routing, the pipeline and its runtimes. Opens no socket outward."""
