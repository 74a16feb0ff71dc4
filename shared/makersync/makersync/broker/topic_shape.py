"""The required settings of a topic, checked at start and while running: nothing may be lost, unreadable or kept for too
long."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from makersync.broker.port import TopicSetting

#: Erased data must have left the brokers' disks after this time; the settings below guarantee it.
ERASED_WITHIN_MS = 24 * 60 * 60 * 1000
#: Kafka's default: the broker accepts a batch with one record as large as a producer may send.
LEAST_MESSAGE_BYTES = 1_048_588
PLAIN_CODECS = ("producer", "uncompressed", "gzip")
#: Codecs that the client reads only with cramjam.
CRAMJAM_CODECS = ("snappy", "lz4", "zstd")
WRONG_PARTITIONS = (
    "Stop every service. Delete the topic and run `makersync topics create`, which makes it again as it must be; then start "
    "each service once with MAKERSYNC_REPLACED_LOG=republish, which publishes everything again. MAKERSYNC_PARTITIONS is for a "
    "new installation: it stays as it was"
)


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """A problem with a topic; with `stops`, no process can work with the topic."""

    topic: str
    problem: str
    remedy: str
    stops: bool

    def __str__(self) -> str:
        return f"topic {self.topic} {self.problem}. {self.remedy}"


def readable_codecs() -> tuple[str, ...]:
    """Values of compression.type whose records this process can read."""
    return PLAIN_CODECS + (CRAMJAM_CODECS if find_spec("cramjam") else ())


def topic_problems(
    topic: str, expected: int, found: int | None, settings: Mapping[str, TopicSetting], address: str
) -> list[TopicProblem]:
    """Compare a topic with its requirements. `expected` and `found` are numbers of partitions, `found` is None if there is no
    such topic; settings that are not given are not checked."""
    if found is None:
        remedy = "Run `makersync topics create`, or give the user the right Describe on it"
        return [TopicProblem(topic, "does not exist, or must not be seen by this user", remedy, stops=True)]
    wrong = []
    if found != expected:
        wrong.append(TopicProblem(topic, f"has {found} partitions, not {expected}", WRONG_PARTITIONS, stops=True))
    tool = f"kafka-configs --bootstrap-server {address} --alter --entity-type topics --entity-name {topic}"
    for name, (fits, wanted, remedy) in _RULES.items():
        setting = settings.get(name)
        if setting is not None and not fits(setting):
            problem = f"has {name}={setting.value}; it must be {wanted()}"
            wrong.append(TopicProblem(topic, problem, f"Run `{tool} {remedy}`", stops=name == "compression.type"))
    return wrong


def _at_most(limit: int) -> Callable[[TopicSetting], bool]:
    return lambda setting: _number(setting) <= limit


def _number(setting: TopicSetting) -> int:
    return int(setting.value)


def _compression_fits(setting: TopicSetting) -> bool:
    return setting.value in readable_codecs()


def _is_inherited_or_endless(setting: TopicSetting) -> bool:
    """The broker's default retention does not apply to compacted topics, but a value set on the topic could take effect
    later."""
    return not setting.is_own or _number(setting) == -1


_Rule = tuple[Callable[[TopicSetting], bool], Callable[[], str], str]
_LAG_MS, _SEGMENT_MS = ERASED_WITHIN_MS // 2, ERASED_WITHIN_MS // 4


def _ms(limit: int) -> Callable[[], str]:
    return lambda: f"{limit} at most, or what an erasure replaces stays for longer than promised"


_RULES: Mapping[str, _Rule] = {
    "cleanup.policy": (
        lambda setting: setting.value == "compact",
        lambda: "compact, or events are lost by their age",
        "--add-config cleanup.policy=compact",
    ),
    "compression.type": (
        _compression_fits,
        lambda: f"one of {', '.join(readable_codecs())}, or records cannot be read",
        "--add-config compression.type=producer",
    ),
    "max.message.bytes": (
        lambda setting: _number(setting) >= LEAST_MESSAGE_BYTES,
        lambda: f"{LEAST_MESSAGE_BYTES} at least, or large events are refused",
        f"--add-config max.message.bytes={LEAST_MESSAGE_BYTES}",
    ),
    "retention.ms": (_is_inherited_or_endless, lambda: "not set on the topic", "--delete-config retention.ms"),
    "retention.bytes": (_is_inherited_or_endless, lambda: "not set on the topic", "--delete-config retention.bytes"),
    "max.compaction.lag.ms": (_at_most(_LAG_MS), _ms(_LAG_MS), f"--add-config max.compaction.lag.ms={_LAG_MS}"),
    "min.compaction.lag.ms": (_at_most(_LAG_MS), _ms(_LAG_MS), "--delete-config min.compaction.lag.ms"),
    "segment.ms": (_at_most(_SEGMENT_MS), _ms(_SEGMENT_MS), f"--add-config segment.ms={_SEGMENT_MS}"),
}
