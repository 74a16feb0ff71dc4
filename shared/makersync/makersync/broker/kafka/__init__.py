"""The broker port on Apache Kafka and brokers that speak its protocol. Nothing outside of this package imports aiokafka."""

from makersync.broker.kafka.broker import KafkaBroker

__all__ = ["KafkaBroker"]
