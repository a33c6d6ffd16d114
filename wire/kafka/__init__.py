"""The log on Kafka: the only door to aiokafka for what is ours."""

from wire.kafka.connection import Connection
from wire.kafka.log import KafkaLog

__all__ = ["Connection", "KafkaLog"]
