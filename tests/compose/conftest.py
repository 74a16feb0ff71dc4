"""The cluster that the tests of this folder share, in the order of the file."""

from collections.abc import Iterator

import pytest

from tests.compose.cluster import ComposeCluster, require_docker


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeCluster]:
    """Built and brought up; at the end brought down with its volumes."""
    require_docker()
    cluster = ComposeCluster(tmp_path_factory.mktemp("compose"))
    try:
        cluster.build()
        cluster.up()
        yield cluster
    finally:
        cluster.remove()
