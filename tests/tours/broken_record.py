"""What a program that errs may write: an event of a learner of whom no service has heard, broken, and with a name in it."""

from datetime import UTC, datetime
from uuid import uuid4

import orjson

from contracts.topics import LEARNER
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Outgoing
from makersync.envelope import encode_sequence
from makersync.identifiers import new_id
from makersync.settings import Settings
from makersync.topic import partition_of, schema_name

#: What stands in the event instead of its time, what belongs there, and what must never be shown.
WRONG, RIGHT, SECRET = "yesterday", "2026-11-30T12:00:00Z", "Secretperson"
_REGION, _PARTITIONS = "17410", 8


async def write_broken_record(address: str) -> None:
    """The learners service owns the topic, and puts nothing over a subject that it does not know."""
    learner_id = new_id("lrn", datetime.now(UTC))
    data = {
        "learner_id": learner_id,
        "provider_id": "prv_unknown",
        "region": _REGION,
        "zip": "44113",
        "seeking": False,
        "consents_to_matching": False,
        "awards": [],
        "given_name": SECRET,
    }
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/makersync/learners",
        "type": "learners.LearnerRevised",
        "subject": learner_id,
        "time": WRONG,
        "datacontenttype": "application/json",
        "dataschema": schema_name(LEARNER),
        "partitionkey": _REGION,
        "sequence": encode_sequence(1),
        "data": data,
    }
    key, partition = f"{_REGION}/{learner_id}", partition_of(_REGION, _PARTITIONS)
    broker = await KafkaBroker.connect(Settings(broker_address=address))
    producer = await broker.producer()
    await producer.publish([Outgoing(LEARNER.name, partition, key.encode(), orjson.dumps(event))], 10.0)
    await producer.close()
    await broker.close()
