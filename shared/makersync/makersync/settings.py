"""Settings that every service shares, read from the environment (`MAKERSYNC_*`) and from `NAME_FILE` for secrets."""

import socket
from datetime import tzinfo
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from makersync.clock import zone_named

Role = Literal["http", "consumer", "publisher", "sender"]


class Settings(BaseSettings):
    """One service process. Durations in seconds. An empty variable is like one that is not set: a compose file passes such."""

    model_config = SettingsConfigDict(env_prefix="MAKERSYNC_", env_ignore_empty=True, extra="ignore", frozen=True)

    profile: Literal["embedded", "cluster"] = Field(
        "embedded", description="Cluster: the idempotent producer, and a replaced log is refused."
    )
    instance: str = Field(
        default_factory=socket.gethostname,
        description="Names this process among its service's, in logs and leases: two with one name would share a lease.",
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty: a SQLite file in the state folder.")
    state_folder: Path = Field(Path("var"), description="Where the embedded profile keeps its files.")
    broker_address: str = Field("127.0.0.1:9092", description="host:port[,host:port] of the Kafka brokers.")
    broker_security: Literal["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How the brokers are reached; SASL is SCRAM-SHA-512."
    )
    broker_user: str = Field("", description="The service's principal, with SASL.")
    broker_password: SecretStr = Field(SecretStr(""), description="Its password.")
    broker_ca_file: Path | None = Field(
        None, description="The authority that signs the brokers' certificates; default: the system's."
    )
    broker_idempotent: bool | None = Field(None, description="Idempotent producer; default: on in the cluster profile.")
    partitions: int = Field(8, ge=1, le=1000, description="Partitions of each topic by region.")
    replication: int = Field(1, ge=1, description="Replicas of each topic.")
    session_timeout: float = Field(6.0, ge=1, description="Silence after which the broker gives a member's partitions away.")
    batch_records: int = Field(500, ge=1, description="Most records of one partition in one transaction.")
    catch_up_records: int = Field(5000, ge=1, description="The same while far behind: batches grow up to it.")
    fetch_wait: float = Field(0.1, gt=0, description="Longest wait for new records; twenty times as long in quiet times.")
    relay_batch: int = Field(500, ge=1, description="Most events that the relay publishes and marks at once.")
    relay_poll: float = Field(0.25, gt=0, description="How often the relay looks for what other processes wrote.")
    relay_deadline: float = Field(10.0, gt=0, description="Longest wait for acknowledgements before a new producer.")
    lease_ttl: float = Field(6.0, gt=0, le=60, description="Time after which a silent relay's lease can be taken.")
    dead_letter_limit: int = Field(
        100, ge=1, description="A topic's partition halts when more of its records than this were set aside within the window,"
    )
    dead_letter_share: float = Field(0.1, gt=0, lt=1, description="and these are more than this share of what was read of it.")
    dead_letter_window: float = Field(600.0, gt=0, description="The window that the two are counted in.")
    hold_within: float = Field(
        30.0,
        gt=0,
        description="How long a process may work on no partition, although it is assigned some or nobody is, before it is not "
        "ready. A group in which nobody is assigned any is joined again after one and a half times to thrice as long.",
    )
    keep_ended_days: int = Field(
        30, ge=1, description="How long matches, pathways and what introductions say are kept after they have ended."
    )
    keep_past_days: int = Field(
        90,
        ge=0,
        description="How long matching keeps what openings, learners, definitions and matches were before they changed, so "
        "that a pair can be explained as it was; 0 keeps nothing, days.",
    )
    reach_refresh: float = Field(
        900.0,
        ge=1,
        description="How often at most matching counts again how many learners the openings of a region reach, seconds.",
    )
    ending_days: tuple[Annotated[int, Field(ge=1, le=366)], ...] = Field(
        (14, 3), description="How many days ahead of an end, each once, the feed says that something is about to end."
    )
    confirm_hire_days: int = Field(
        7,
        ge=1,
        le=366,
        description="Days after which a hire that an employer reports counts as confirmed unless it is disputed.",
    )
    keep_activity_days: int = Field(400, ge=1, description="How long it is kept who did what in an organisation, days.")
    keep_feed_days: int = Field(30, ge=1, description="How long entries of the feeds are kept.")
    keep_dead_letters_days: int = Field(90, ge=1, description="How long dead letters are kept after they were closed.")
    watchdog: float = Field(60.0, gt=0, description="Longest time without progress before the process ends itself.")
    replaced_log: Literal["refuse", "republish"] | None = Field(
        None, description="What a new or shorter log means; default: republish in the embedded profile, else refuse."
    )
    http_host: str = Field("127.0.0.1", description="The address of the front door.")
    http_port: int = Field(8000, ge=0, le=65535, description="The port of the front door.")
    http_connections: int = Field(
        1000, ge=16, description="Most connections to the front door; fewer where the limit of open files is low."
    )
    http_requests: int = Field(100, ge=1, description="Most requests worked on at once; others are refused and may retry.")
    inner_host: str = Field("127.0.0.1", description="The address of the inner port.")
    inner_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="The port for metrics and the reasons of readiness, in every process whatever its roles; 0: none.",
    )
    body_limit: int = Field(256 * 1024, ge=1024, description="Largest request body, bytes.")
    key_pepper: SecretStr = Field(SecretStr(""), description="Secret that keys the hashes of API keys.")
    key_pepper_file: Path | None = Field(None, description="A file that holds it.")
    pay_floor: int = Field(100, ge=0, description="Lowest pay that is taken for one, US cents an hour.")
    pay_ceiling: int = Field(100_000, ge=1, description="Highest pay that is taken for one, US cents an hour.")
    introductions_a_day: int = Field(
        20, ge=1, le=10_000, description="Most introductions that an opening may ask for in 24 hours."
    )
    previews_a_day: int = Field(50, ge=1, le=10_000, description="Most previews that an employer may ask for in 24 hours.")
    preview_wait: float = Field(
        120.0, ge=1, le=3600, description="Seconds that a preview waits for its counts before it is given up."
    )
    contact_access_hours: int = Field(
        24, ge=1, le=24 * 30, description="How long an employer may read a contact before it asks for access again, hours."
    )
    learners_address: str = Field(
        "http://127.0.0.1:8102",
        description="The public address of the learners service, to which employers and learners are sent.",
    )
    openings_address: str = Field(
        "", description="The public address of the openings service, to which pages of operators link; empty: no link."
    )
    matching_address: str = Field(
        "", description="The public address of the matching service, to which pages of operators link; empty: no link."
    )
    roles: frozenset[Role] = Field(
        frozenset({"http", "consumer", "publisher", "sender"}), description="What this process does for its service."
    )
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks that webhooks may reach although they are not public, over http too: for local use."
    )
    webhook_in_flight: int = Field(4, ge=1, le=100, description="Most attempts at one webhook at a time.")
    public_address: str = Field(
        "",
        description="Where people reach this service, such as https://openings.example.org: the links of mails lead there. "
        "Without it no mail is sent.",
    )
    demo_entrance: SecretStr = Field(
        SecretStr(""),
        description="Secret of the links by which visitors of a demo sign in; refused outside the embedded profile.",
    )
    oidc_issuer: str = Field(
        "",
        description="The OpenID provider at which members may sign in: its issuer to the letter, such as "
        "https://login.example.org/realms/works; empty: none.",
    )
    oidc_client_id: str = Field("", description="The name by which the provider knows this service.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="The secret for it; empty: a public client.")
    oidc_client_secret_file: Path | None = Field(None, description="A file that holds it.")
    oidc_name: str = Field("your organisation’s account", description="What people call the account there, for a button.")
    oidc_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks in which the provider may stand although they are not public, over http too: for local use."
    )
    mail_from: str = Field("", description="Whom mail is from, such as `Makersync <makersync@example.org>`.")
    smtp_host: str = Field("", description="The mail server that takes mail for all recipients.")
    smtp_port: int | None = Field(
        None, ge=1, le=65535, description="Its port; default: 587 with starttls, 465 with implicit, 25 with none."
    )
    smtp_tls: Literal["starttls", "implicit", "none"] = Field(
        "starttls",
        description="How the connection is secured: after the greeting, from the start, or, on loopback alone, not.",
    )
    smtp_username: str = Field("", description="The user name for the mail server; empty: no login.")
    smtp_password: SecretStr = Field(SecretStr(""), description="The password for the mail server.")
    smtp_password_file: Path | None = Field(None, description="A file that holds it.")
    time_zone: str = Field(
        "UTC",
        description="IANA name of the time zone whose calendar dates are the market's: a day ends at its midnight. The same in "
        "every process of a deployment.",
    )
    day_file: Path | None = Field(None, description="A file that holds the market's date; for rehearsals only.")
    day_ahead_max: int = Field(1, ge=0, description="Days by which the market's date may be ahead of the database's.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level that is logged.")
    log_format: Literal["json", "text"] = Field("json", description="Lines of JSON, or of text.")

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        zone_named(name)
        return name

    @property
    def zone(self) -> tzinfo:
        return zone_named(self.time_zone)

    @property
    def idempotent_producer(self) -> bool:
        return self.profile == "cluster" if self.broker_idempotent is None else self.broker_idempotent

    @property
    def on_replaced_log(self) -> Literal["refuse", "republish"]:
        return self.replaced_log or ("republish" if self.profile == "embedded" else "refuse")
