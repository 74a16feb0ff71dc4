"""Translates aiokafka's errors to this port's: away, hesitating, not allowed, refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from aiokafka import errors

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

Right = Literal["Describe", "DescribeConfigs", "Read", "Write"]


class InvalidRecordError(errors.BrokerResponseError):  # type: ignore[misc]
    """An answer that aiokafka does not know, and would report as an unknown error."""

    errno = 87
    message = "INVALID_RECORD"


class UnsupportedCompressionError(errors.BrokerResponseError):  # type: ignore[misc]
    """Likewise unknown to aiokafka."""

    errno = 76
    message = "UNSUPPORTED_COMPRESSION_TYPE"


errors.kafka_errors |= {each.errno: each for each in (InvalidRecordError, UnsupportedCompressionError)}

#: Errors that mean that no broker answers.
_ABSENCES = (
    errors.KafkaConnectionError,
    errors.KafkaTimeoutError,
    errors.KafkaUnavailableError,
    errors.NoBrokersAvailable,
    errors.NodeNotReadyError,
    errors.RequestTimedOutError,
    errors.StaleMetadata,
    errors.MetadataEmptyBrokerList,
    errors.CorrelationIdError,
    OSError,
)
#: aiokafka's message if no broker could be reached; it has no class for this error.
_ASKED_IN_VAIN = "Unable to get cluster metadata over all known brokers"
#: Errors caused by a record rather than by the broker's state.
_UNFIT = (
    errors.MessageSizeTooLargeError,
    errors.RecordTooLargeError,
    errors.RecordListTooLargeError,
    InvalidRecordError,
)
_REFUSALS = (
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.InvalidTopicError,
    errors.InvalidPartitionsError,
    errors.InvalidReplicationFactorError,
    errors.InvalidConfigurationError,
    errors.InvalidSessionTimeoutError,
    errors.InconsistentGroupProtocolError,
    errors.PolicyViolationError,
    errors.UnsupportedVersionError,
    errors.IncompatibleBrokerVersion,
)


@contextmanager
def translated(settings: Settings, right: Right) -> Iterator[None]:
    """`right` is the right that the step needs in the broker's access control lists."""
    address = settings.broker_address
    try:
        yield
    except errors.OffsetOutOfRangeError as error:
        raise OffsetUnknown(f"a position is outside of the log: {error}") from error
    except errors.TopicAuthorizationFailedError as error:
        raise RightsMissing(_lacking(settings, right, f"topic {_named(error)}", f"--topic {_named(error)}")) from error
    except errors.GroupAuthorizationFailedError as error:
        raise RightsMissing(_lacking(settings, "Read", f"group {_named(error)}", f"--group {_named(error)}")) from error
    except errors.ClusterAuthorizationFailedError as error:
        raise RightsMissing(_lacking(settings, right, "any topic", "--topic TOPIC, for each of the service's")) from error
    except errors.UnsupportedCodecError as error:
        raise CodecUnknown(f"{error}. Install the Python package cramjam, and start again") from error
    except errors.InvalidTimestampError as error:
        # It affects every record of this host, and none once its clock is right.
        raise BrokerNotReady(f"the broker at {address} does not take this host's time. Set the host's clock right") from error
    except _UNFIT as error:
        raise _unfit(error, right) from error
    except _REFUSALS as error:
        raise BrokerRefused(f"the broker at {address} refused: {error!r}") from error
    except TimeoutError as error:
        raise BrokerAway(f"the broker at {address} did not answer in time{_hint(settings)}") from error
    except _ABSENCES as error:
        raise BrokerAway(f"no broker answers at {address}{_hint(settings)}") from error
    except errors.KafkaError as error:
        if str(error).endswith(_ASKED_IN_VAIN):
            raise BrokerAway(f"no broker answers at {address}{_hint(settings)}") from error
        cause = error.__cause__ or error
        raise BrokerNotReady(f"the broker at {address} answers, and is asked again: {cause!r}") from error


def _unfit(error: Exception, right: Right) -> Exception:
    return RecordRefused(str(error)) if right == "Write" else BrokerNotReady(f"a record cannot be read: {error}")


def _named(error: Exception) -> str:
    names = error.args[0] if error.args else "?"
    return ", ".join(sorted(names)) if isinstance(names, (set, frozenset, list, tuple)) else str(names)


def _lacking(settings: Settings, right: str, of: str, option: str) -> str:
    user = settings.broker_user or "ANONYMOUS"
    return (
        f"the broker at {settings.broker_address} does not give the user {user} the right {right} on {of}. Give it: kafka-acls "
        f"--bootstrap-server {settings.broker_address} --add --allow-principal User:{user} --operation {right} {option}. What "
        "waits for it goes on then by itself"
    )


def _hint(settings: Settings) -> str:
    """aiokafka reports a wrong password only in its log."""
    return "" if settings.broker_security == "PLAINTEXT" else " (or it does not take the user and password)"
