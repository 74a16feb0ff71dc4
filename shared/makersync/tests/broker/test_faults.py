"""Every answer of a broker is reported as what it is; only silence counts as absence."""

import pytest
from aiokafka import errors

from makersync.broker.kafka.faults import InvalidRecordError, Right, translated
from makersync.broker.port import (
    BrokerAway,
    BrokerNotReady,
    BrokerRefused,
    CodecUnknown,
    OffsetUnknown,
    RecordRefused,
    RightsMissing,
)
from makersync.settings import Settings

SETTINGS = Settings(broker_address="kafka:9092", broker_user="openings")
GIVE = "kafka-acls --bootstrap-server kafka:9092 --add --allow-principal User:openings --operation"


def said(error: Exception, right: Right = "Read") -> Exception:
    with pytest.raises(Exception) as told, translated(SETTINGS, right):
        raise error
    return told.value


@pytest.mark.parametrize(
    ("error", "right", "kind", "words"),
    [
        (errors.KafkaConnectionError("refused"), "Read", BrokerAway, "no broker answers at kafka:9092"),
        (errors.NodeNotReadyError(), "Write", BrokerAway, "no broker answers"),
        (errors.KafkaError("Unable to get cluster metadata over all known brokers"), "Read", BrokerAway, "no broker answers"),
        (ConnectionResetError(), "Read", BrokerAway, "no broker answers"),
        (TimeoutError(), "Write", BrokerAway, "did not answer in time"),
        (errors.NotEnoughReplicasError(), "Write", BrokerNotReady, "answers, and is asked again: NotEnoughReplicasError"),
        (errors.UnknownError(), "Read", BrokerNotReady, "UnknownError"),
        (errors.KafkaStorageError(), "Write", BrokerNotReady, "KafkaStorageError"),
        (errors.UnsupportedCodecError("no lz4"), "Read", CodecUnknown, "no lz4. Install the Python package cramjam"),
        (
            errors.TopicAuthorizationFailedError("t"),
            "Read",
            RightsMissing,
            f"right Read on topic t. Give it: {GIVE} Read --topic t",
        ),
        (errors.TopicAuthorizationFailedError({"t"}), "Write", RightsMissing, f"{GIVE} Write --topic t"),
        (errors.GroupAuthorizationFailedError("g"), "Read", RightsMissing, f"{GIVE} Read --group g"),
        (errors.ClusterAuthorizationFailedError(), "Write", RightsMissing, "right Write on any topic"),
        (errors.MessageSizeTooLargeError("x"), "Write", RecordRefused, "MessageSizeTooLargeError"),
        (InvalidRecordError(), "Write", RecordRefused, "InvalidRecordError"),
        (
            errors.InvalidTimestampError(),
            "Write",
            BrokerNotReady,
            "does not take this host's time. Set the host's clock right",
        ),
        (errors.RecordTooLargeError("x"), "Read", BrokerNotReady, "a record cannot be read"),
        (errors.AuthenticationFailedError("x"), "Read", BrokerRefused, "refused"),
        (errors.OffsetOutOfRangeError({}), "Read", OffsetUnknown, "outside of the log"),
    ],
)
def test_each_answer_of_a_broker_has_its_own_error(error: Exception, right: Right, kind: type, words: str) -> None:
    told = said(error, right)
    assert type(told) is kind
    assert words in str(told)


def test_an_answer_that_the_client_does_not_know_has_its_name() -> None:
    assert errors.for_code(87) is InvalidRecordError
