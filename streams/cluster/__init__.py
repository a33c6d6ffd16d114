"""The cluster runtime: the pipeline as Faust agents on Kafka. The one door to Faust."""

from streams.cluster.runtime import FaustRuntime, Seams

__all__ = ["FaustRuntime", "Seams"]
