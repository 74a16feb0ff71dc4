"""The state of a service process: what it is connected to, which parts work in it, and what they wait for."""

from makersync.broker.port import Broker, BrokerAway
from makersync.delivery.sender import Sender
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.publisher import Publisher
from makersync.errors import RetryLater
from makersync.mail.sender import MailSender
from makersync.runtime.longest_waits import LongestWaits
from makersync.runtime.samples import Samples
from makersync.runtime.service import Context, ServiceDefinition
from makersync.topic import Topic


class ProcessStatus:
    """Written by the parts of the process; read by its readiness, its watchdog and the operations route.

    `connecting_rounds` grows with every attempt to start working with the broker.
    """

    def __init__(self, definition: ServiceDefinition, context: Context) -> None:
        self.definition, self.context, self.settings = definition, context, context.settings
        self.broker: Broker | None = None
        self.broker_problem: RetryLater | None = BrokerAway("not yet connected")
        self.loops: list[ConsumerLoop] = []
        self.publisher: Publisher | None = None
        self.sender: Sender | None = None
        self.mail_sender: MailSender | None = None
        self.connecting_rounds = 0
        self.samples = Samples()
        self.waits: LongestWaits | None = None

    @property
    def works_with_broker(self) -> bool:
        """Whether this process consumes or publishes; with HTTP alone it does neither."""
        return bool(self.settings.roles & {"consumer", "publisher"})

    @property
    def topics(self) -> list[Topic]:
        """Every topic that the service publishes or reads, sorted by name."""
        readers = [reader for consumer in self.definition.consumers(self.context) for reader in consumer.readers.values()]
        used = {topic.name: topic for topic in (*self.definition.topics, *(reader.topic for reader in readers))}
        return [used[name] for name in sorted(used)]

    @property
    def parts(self) -> list[ConsumerLoop | Publisher]:
        """The parts that work with the broker."""
        return [*self.loops, *([] if self.publisher is None else [self.publisher])]

    @property
    def waited_for(self) -> list[RetryLater]:
        """The faults that the parts that work with the broker are waiting out."""
        return [away for away in (self.broker_problem, *(part.away for part in self.parts)) if away is not None]

    def progress(self) -> dict[str, int]:
        """A counter for each part that must make progress, for the watchdog."""
        counters = self._progress_with_broker() if self.works_with_broker else {}
        senders = {"sender": self.sender, "mail sender": self.mail_sender}
        return counters | {name: sender.rounds for name, sender in senders.items() if sender is not None}

    def _progress_with_broker(self) -> dict[str, int]:
        counters = {loop.name: loop.rounds for loop in self.loops}
        if self.publisher is not None:
            counters["publisher"] = self.publisher.rounds
        return counters or {"broker connection": self.connecting_rounds}

    def count_connecting(self) -> None:
        self.connecting_rounds += 1
