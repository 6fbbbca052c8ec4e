"""Builds with docker-py, as its users do. Argument: the engine's address. Prints OK at the end; an assertion says what is wrong."""
import io
import os
import sys
import tempfile

import docker
from docker.errors import BuildError

client = docker.DockerClient(base_url=sys.argv[1], version="auto", timeout=60)

with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "Dockerfile"), "w") as file:
        file.write("FROM busybox AS first\nARG A\nRUN echo $A > /a\nFROM first\nCOPY kept /kept\nCMD cat /a /kept\n")
    for name in ("kept", "left"):
        with open(os.path.join(folder, name), "w") as file:
            file.write(name + "\n")
    with open(os.path.join(folder, ".dockerignore"), "w") as file:
        file.write("left\n")
    image, log = client.images.build(path=folder, tag="py:built", buildargs={"A": "from py"}, labels={"by": "py"}, rm=True)
    assert "py:built" in image.tags, image.tags
    assert image.labels["by"] == "py"
    said = "".join(entry.get("stream", "") for entry in log)
    assert "Step 1/" in said and "Successfully built" in said, said
    assert client.containers.run("py:built", remove=True) == b"from py\nkept\n"
    first, _ = client.images.build(path=folder, target="first", buildargs={"A": "from py"})
    assert first.id != image.id

alone, _ = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nCMD echo alone\n"), tag="py:alone")
assert client.containers.run("py:alone", remove=True) == b"alone\n"

try:
    client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo oh; exit 7\n"))
    raise AssertionError("it was built")
except BuildError as error:
    assert "returned a non-zero code: 7" in error.msg, error.msg
    assert any("oh" in entry.get("stream", "") for entry in error.build_log)

print("OK")
