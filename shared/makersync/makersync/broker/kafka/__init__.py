"""The broker port on Apache Kafka and compatible brokers. Nothing outside this package imports aiokafka."""

from makersync.broker.kafka.broker import KafkaBroker

__all__ = ["KafkaBroker"]
