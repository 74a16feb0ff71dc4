"""A stand-in for the three services over HTTP: it gives the answers that it was set up with and remembers what it was asked."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from demo.client.service_clients import ServiceClient, ServiceClients

KEYS = {"openings": "key-o", "learners": "key-l", "matching": "key-m"}
Answer = httpx.Response | httpx.TransportError


@dataclass
class Asked:
    method: str
    path: str
    body: Any
    headers: httpx.Headers


@dataclass
class Services:
    """`answers` are given first, one a request; then everything is created with ids that count."""

    answers: deque[Answer] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    routes: dict[str, Callable[[], Any]] = field(default_factory=dict)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.asked.append(Asked(request.method, request.url.raw_path.decode(), body, request.headers))
        if self.answers:
            answer = self.answers.popleft()
            if isinstance(answer, httpx.TransportError):
                raise answer
            return answer
        if request.url.path in self.routes:
            return httpx.Response(200, json=self.routes[request.url.path]())
        number = len(self.asked)
        ids = {
            name: f"{name}-{number}"
            for name in ("employer_id", "provider_id", "opening_id", "learner_id", "award_id", "cohort_id")
        }
        return httpx.Response(201, json=ids | {"token": f"token-{number}"})

    def clients(self) -> ServiceClients:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        openings, learners, matching = (ServiceClient(client, f"http://{name}.test") for name in KEYS)
        return ServiceClients(openings, learners, matching, KEYS)

    @property
    def requests(self) -> list[tuple[str, str]]:
        return [(asked.method, asked.path) for asked in self.asked]
