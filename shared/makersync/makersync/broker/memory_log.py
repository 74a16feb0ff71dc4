"""One partition of the in-memory broker."""

from dataclasses import dataclass, field

from makersync.broker.port import OffsetUnknown, Record, TopicPartition


@dataclass(slots=True)
class PartitionLog:
    """One partition. `places` are its offsets from `first` on; None is an offset without a record."""

    first: int = 0
    places: list[Record | None] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.first + len(self.places)

    @property
    def records(self) -> list[Record]:
        return [record for record in self.places if record is not None]

    def check(self, partition: TopicPartition, offset: int) -> None:
        if not self.first <= offset <= self.end:
            raise OffsetUnknown(f"{partition.topic}[{partition.partition}] holds {self.first} to {self.end}, not {offset}")

    def read(self, offset: int, limit: int) -> tuple[list[Record], int]:
        """Up to `limit` records from `offset` on, and the next offset to read, beyond any gaps."""
        records: list[Record] = []
        for record in self.places[offset - self.first :]:
            if record is not None and len(records) == limit:
                break
            offset += 1
            if record is not None:
                records.append(record)
        return records, offset
