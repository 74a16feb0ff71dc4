"""What the event log's documents say in words: what each event type means, and what each service does with a topic."""

from collections.abc import Mapping
from types import MappingProxyType

#: What happened, by event type.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "openings.OpeningPublished": "An employer published the opening; this is its first version.",
        "openings.OpeningRevised": "The employer changed what the opening says, such as its pay, dates, positions or groups.",
        "openings.PositionsFilled": "The number of filled positions changed, in either direction. With the last one the status "
        "becomes `filled`.",
        "openings.OpeningClosed": "The employer ended the search. The opening's matches are withdrawn.",
        "openings.OpeningReopened": "People are sought again: a closed opening was opened, or an expiry that was announced too "
        "early was taken back.",
        "openings.OpeningExpired": "The closing date has passed, which is announced once for each date. The status stays "
        "`open`: matching goes by the date itself.",
        "learners.LearnerRegistered": "A provider registered the learner; this is the first version.",
        "learners.LearnerRevised": "The learner's home or reach changed, or what the learners service alone knows of the "
        "person.",
        "learners.AvailabilityChanged": "What the learner seeks changed: whether, from when, in which shifts or for which pay.",
        "learners.ConsentGiven": "The learner agreed to be matched.",
        "learners.ConsentWithdrawn": "The learner withdrew consent. All matches of the learner are withdrawn.",
        "learners.AwardRecorded": "A provider recorded an award that was issued or is in progress.",
        "learners.AwardRenewed": "An award was renewed and has new dates.",
        "learners.AwardSuspended": "An award was suspended and does not count until it is reinstated.",
        "learners.AwardReinstated": "A suspended award counts again.",
        "learners.AwardRevoked": "An award was revoked and does not count any more.",
        "learners.AwardCorrected": "The record of an award was corrected, or an award is no longer verified.",
        "learners.AwardVerified": "Awards are verified now, since the provider is accredited for their issuer.",
        "learners.AwardRemoved": "An award was taken off the record.",
        "learners.LearnerWithdrawn": "The learner's reach does not include this region any more. The learner lives on in "
        "others and may come back with a later version.",
        "learners.LearnerErased": "The learner was erased, which is final. It is published to every region that was reached, "
        "and replaces everything about the learner there.",
        "learners.CompetencyDefined": "A competency was defined, or is called something else.",
        "learners.CredentialDefined": "An operator approved the first definition of a credential.",
        "learners.CredentialRevised": "An operator approved a change of a credential's definition. Holdings change with it.",
        "learners.ProviderNamed": "A training provider was added, or has its lost name again.",
        "learners.CohortPlanned": "A provider planned a cohort.",
        "learners.CohortRevised": "The dates, the seats or the number of enrolled people of a cohort changed.",
        "learners.CohortCancelled": "The cohort does not take place.",
        "matching.MatchProposed": "A learner entered the shortlist of an opening (MARKET.md section 10).",
        "matching.MatchRevised": "The score, its components, the outcome of a group or `seeking_since` of a live match "
        "changed. A changed rank alone is no event, since the reader orders, and neither is another end of an award.",
        "matching.MatchWithdrawn": "The learner left the shortlist of the opening; `reason` says why. The pair may be "
        "proposed again with a later version.",
        "matching.ShortageRaised": "The level rose to `shortage` or `severe` from a lower one or from nothing (MARKET.md "
        "section 13).",
        "matching.ShortageEased": "The level fell from `severe` to `shortage`.",
        "matching.ShortageCleared": "The level fell from `shortage` or `severe` to `balanced` or `surplus`.",
        "matching.ShortageSilenced": "There is too little left to go by: the level is `insufficient_data` after a level was "
        "published, or nothing asks for the subject any more.",
        "matching.ShortageRevised": "The level changed otherwise, or at the same level `level_ahead` changed, or demand, "
        "supply, pipeline or blocked moved by more than a tenth.",
        "matching.PathwayRefreshed": "The list of credentials that the learner is one away from changed in the region "
        "(MARKET.md section 11). Lists are refreshed at a set pace.",
        "matching.PathwayEnded": "The learner was erased or does not reach the region any more.",
        "openings.IntroductionRequested": "An employer asked to meet a candidate; this is the first version.",
        "openings.IntroductionWithdrawn": "The employer does not ask any more, the opening does not seek people any more, or "
        "the answer had ended the introduction before; `reason` says which.",
        "openings.ContactAccessGranted": "The employer was given a token that opens the contact in the learners service. It "
        "replaces the one before.",
        "openings.PersonHired": "The employer hired the person, which fills a position.",
        "openings.PersonNotHired": "The employer did not hire the person; `reason` says why.",
        "openings.HireUndone": "A hire was reported by mistake: the position is open again. The introduction goes on, or ends "
        "because its opening is closed or has expired; `reason` says which.",
        "learners.IntroductionAccepted": "The provider, or the learner, agreed to meet the employer.",
        "learners.IntroductionDeclined": "The provider, or the learner, does not want to meet the employer; `reason` says why.",
        "learners.IntroductionLapsed": "Nobody answered by the date that the employer gave.",
        "learners.IntroductionEnded": "The introduction ended on the learner's side; `reason` says why. The contact is closed.",
        "learners.HireConfirmed": "The hire is confirmed, by the provider, the learner or the passing of seven days. The "
        "learner's search ends.",
        "learners.HireDisputed": "The provider or the learner say that there is no hire. The learner's search goes on.",
        "openings.DraftSubmitted": "An employer asks how many learners the draft would reach. It is no opening.",
        "openings.DraftEnded": "The draft was answered, or has waited for too long. Its id is used again.",
        "matching.ReachCounted": "The counts of a live opening or of a draft were made, or differ from those before (MARKET.md "
        "section 15). Those of openings are refreshed at a set pace.",
        "matching.ReachEnded": "The opening is not live any more, or the draft has ended.",
    }
)

#: What each service does with the records of a topic that it reads.
READINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "openings": {
            "learners.catalog.v1": "Keeps the names of all definitions, so that openings ask for what exists.",
            "learners.provider.v1": "Keeps the names of the training providers, and shows them with the candidates.",
            "matching.candidate-match.v1": "Keeps the shortlist of each opening. When a match ends because the learner was "
            "erased or withdrew consent, nothing about the learner is kept.",
            "learners.introduction.v1": "Keeps the answer to each introduction that an employer asks for. When the learner was "
            "erased or withdrew consent, nothing of what was said about the learner is kept.",
            "matching.reach.v1": "Keeps the newest counts of each opening, and shows them to its employer. Those of a draft "
            "answer the preview that asks for them, and end the draft.",
        },
        "learners": {
            "openings.opening.v1": "Keeps what employers tell everybody about each job, and shows it with the matches.",
            "openings.introduction.v1": "Shows each introduction to the learner's provider, or to the learner through a link, "
            "for an answer. The contact is shown to whoever has the token of the digest.",
            "matching.candidate-match.v1": "Keeps which openings each learner is matched with, for the learner's provider.",
            "matching.skill-shortage.v1": "Keeps the newest signal of each cell, for providers.",
            "matching.pathway.v1": "Keeps each learner's list for each region, and shows the sum over the regions.",
        },
        "matching": {
            "openings.opening.v1": "Takes the opening into the market of its region: matches, pathways and cells follow.",
            "openings.draft.v1": "Counts once how many learners the draft would reach. It takes part in nothing else.",
            "learners.learner.v1": "Takes the learner into the market of the region: matches, pathways and cells follow.",
            "learners.catalog.v1": "Takes the definition into every region, where holdings and groups are judged by it.",
            "learners.cohort.v1": "Counts the open seats in the pipelines of the region's cells.",
        },
    }
)

LOG = """Services tell each other what happened through these topics, and through nothing else.

**Records.** The value is a CloudEvent 1.0 in structured JSON mode, the key `<partitionkey>/<subject>`. `data` is the subject's
whole public state at one version, so a reader needs no earlier event. What is not known is absent, never null.

**Versions.** `sequence` is the subject's version. For each key a reader keeps the newest version and ignores any other that
comes later: a record may be published more than once, and an older one may come after a newer one. Gaps are usual, since
topics are compacted.

**Ends.** What ends is an event too, which names its subject and has no state of it. There are no tombstones: a record without
a value has no version, and is set aside as unreadable. What an event replaces is gone from the log within a day; so are the
earlier records of a learner who is erased.

**Partitions.** Topics by region are partitioned by the CRC-32 of the region (ISO-HDLC, as zlib computes it), modulo the number
of partitions, which is the same for all of them: one labour market has the same partition number in each. The topic of the
catalog has one partition.

**Changes.** `dataschema` names the contract's major version. Within it schemas only grow and are released as files that never
change: ignore fields that you do not know. What cannot be changed compatibly becomes a topic of its own, `.v2`."""

SENDING = (
    "The event is written in the transaction of the change that it describes, and published at least once. Should an older "
    "version of a key come after the newest, the newest is published again."
)
EMBEDDED = (
    "The embedded profile: the broker that `makersync demo` starts, at the port that `--broker-port` chooses. It listens on "
    "the loopback interface alone, in plaintext and without users, and keeps everything in memory."
)
COMPOSE = (
    "The Kafka node of `docker-compose.yml` as the services in its network reach it, in plaintext and without users: whoever "
    "is in the network can read and write every topic."
)
PUBLISHED_PORT = (
    "The same node from the machine that it runs on, at the port that the compose file publishes there (`BIND_ADDRESS`, "
    "`KAFKA_HOST` and `KAFKA_PORT`), in plaintext and without users."
)
CLUSTER = (
    "Your own Kafka cluster, with SASL/SCRAM-SHA-512. `MAKERSYNC_BROKER_SECURITY` is `SASL_SSL`, or `SASL_PLAINTEXT` in a "
    "network that you trust; `MAKERSYNC_BROKER_USER`, `MAKERSYNC_BROKER_PASSWORD` and `MAKERSYNC_BROKER_CA_FILE` go with it."
)
