"""A store on this machine: moto's S3 server on a free port of the loopback, with one bucket."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.fs
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "for-tests", "AWS_SECRET_ACCESS_KEY": "only", "AWS_EC2_METADATA_DISABLED": "true"}
"""Credentials as the environment holds them."""


@dataclass
class Objects:
    """The bucket, under its address, and the server, to be stopped before its time."""

    server: Any
    port: int
    bucket: str

    @property
    def query(self) -> str:
        """What stands behind the key in an address."""
        return f"?endpoint_override=127.0.0.1:{self.port}&scheme=http"

    @property
    def client(self) -> Any:
        """A client of its own, not koudai's."""
        return pyarrow.fs.S3FileSystem(
            access_key=KEYS["AWS_ACCESS_KEY_ID"],
            secret_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            endpoint_override=f"127.0.0.1:{self.port}",
            scheme="http",
            region="us-east-1",
            allow_bucket_creation=True,
            allow_bucket_deletion=True,
        )

    def uri(self, key: str) -> str:
        """The address of an object."""
        return f"s3://{self.bucket}/{key}{self.query}"

    def put(self, key: str, content: bytes) -> str:
        """Write an object; return its address."""
        with self.client.open_output_stream(f"{self.bucket}/{key}", compression=None) as stream:
            stream.write(content)
        return self.uri(key)

    def drop_bucket(self) -> None:
        """Delete the bucket and what is in it."""
        self.client.delete_dir(self.bucket)


@contextlib.contextmanager
def serving_objects() -> Iterator[Objects]:
    """Run a store with one empty bucket, and have its credentials in the environment of the caller's fixture."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    objects = Objects(server, server.get_host_and_port()[1], "posts-for-tests")
    objects.client.create_dir(objects.bucket)
    try:
        yield objects
    finally:
        server.stop()
