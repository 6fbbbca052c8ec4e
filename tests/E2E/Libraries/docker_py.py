"""Drives an engine with docker-py, as its users do. Argument: the engine's address. Prints OK at the end; an assertion says what is wrong."""
import hashlib
import io
import json
import sys
import tarfile
import threading
import time

import docker
import docker.utils.socket
from docker.errors import APIError, ContainerError, ImageNotFound, NotFound

client = docker.DockerClient(base_url=sys.argv[1], version="auto", timeout=60)


def raises(kind, call, *words):
    try:
        call()
    except kind as error:
        assert all(word in str(error) for word in words), f"{error!r} does not say {words}"
        return error
    raise AssertionError(f"no {kind.__name__}")


def tar_of(files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


# The engine
assert client.ping()
assert client.version()["Os"] == "linux"
assert client.info()["OSType"] == "linux"

# Images
image = client.images.pull("busybox", tag="latest")
assert "busybox:latest" in image.tags, image.tags
assert image.tag("py-busybox", tag="v1")
assert client.images.get("py-busybox:v1").id == image.id
assert [i.id for i in client.images.list(name="py-busybox")] == [image.id]
assert image.history()[-1]["Size"] >= 0
client.images.remove("py-busybox:v1")
raises(ImageNotFound, lambda: client.images.get("py-busybox:v1"), "No such image")

# An archive as "docker save" makes it: one layer, its configuration, a list of both
layer = tar_of({"greeting": b"from an archive\n"})
config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Cmd": ["cat", "/greeting"]}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
manifest = json.dumps([{"Config": "config.json", "RepoTags": ["py-loaded:v1"], "Layers": ["layer.tar"]}]).encode()
loaded = client.images.load(tar_of({"config.json": config, "layer.tar": layer, "manifest.json": manifest}))
assert [i.tags for i in loaded] == [["py-loaded:v1"]], loaded
assert client.images.get("py-loaded:v1").attrs["Config"]["Cmd"] == ["cat", "/greeting"]
client.images.remove("py-loaded:v1")

assert client.plugins.list() == []

# Run and its errors
assert client.containers.run("busybox", "echo hello", remove=True) == b"hello\n"
assert client.containers.run("busybox", ["sh", "-c", "cat /etc/hostname; pwd"], hostname="pyhost", working_dir="/tmp", remove=True) == b"pyhost\n/tmp\n"
failed = raises(ContainerError, lambda: client.containers.run("busybox", ["sh", "-c", "echo broken >&2; exit 3"], remove=True))
assert failed.exit_status == 3 and failed.stderr == b"broken\n", failed
raises(APIError, lambda: client.containers.run("busybox", "/missing", remove=True), "/missing")
raises(NotFound, lambda: client.containers.get("py-missing"), "No such container: py-missing")
raises(APIError, lambda: client.containers.create("busybox", name="not a name"), "Invalid container name")

# A container's life
events = []
stream = client.events(decode=True, filters={"type": "container", "label": "by=py"})


def collect():
    for event in stream:
        events.append(event["Action"])
        if event["Action"] == "destroy":
            return


reader = threading.Thread(target=collect, daemon=True)
reader.start()
box = client.containers.run(
    "busybox", ["sh", "-c", "trap 'exit 4' TERM; echo one; echo two >&2; while true; do sleep 0.1; done"],
    name="py-box", detach=True, labels={"by": "py"}, environment={"A": "b"}, mem_limit="64m", ulimits=[docker.types.Ulimit(name="nofile", soft=99, hard=99)],
    mounts=[docker.types.Mount("/data", "py-data"), docker.types.Mount("/scratch", "", type="tmpfs")], ports={"80/tcp": ("127.0.0.1", None)})
assert box.status == "created"
box.reload()
assert box.status == "running" and box.name == "py-box" and box.image.id == image.id
assert box.attrs["HostConfig"]["Memory"] == 64 << 20
assert box.ports["80/tcp"][0]["HostIp"] == "127.0.0.1" and int(box.ports["80/tcp"][0]["HostPort"]) > 0
assert [c.name for c in client.containers.list(filters={"label": "by=py"})] == ["py-box"]

for line in box.logs(stream=True, follow=True, stdout=True, stderr=False):
    assert line == b"one\n", line
    break
assert box.logs(stdout=False, stderr=True) == b"two\n"
assert box.logs(tail=0) == b""

# Exec: whole, streamed, demultiplexed, with a terminal, and through the socket
assert box.exec_run("echo in exec") == (0, b"in exec\n")
assert box.exec_run(["sh", "-c", "exit 9"]).exit_code == 9
assert box.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True) == (0, (b"out\n", b"err\n"))
chunks = list(box.exec_run(["sh", "-c", "echo 1; echo 2 >&2; echo 3"], stream=True, demux=True).output)
assert b"".join(o for o, _ in chunks if o) == b"1\n3\n" and b"".join(e for _, e in chunks if e) == b"2\n", chunks
assert box.exec_run("id -u", user="1000").output == b"1000\n"
assert box.exec_run("pwd", workdir="/data").output == b"/data\n"
assert box.exec_run(["sh", "-c", "echo $B"], environment={"B": "c"}).output == b"c\n"
assert box.exec_run("tty", tty=True).output == b"/dev/pts/0\r\n"
assert box.exec_run(["sh", "-c", "ulimit -n"]).output == b"99\n"
execution = client.api.exec_create(box.id, "cat", stdin=True)
sock = client.api.exec_start(execution["Id"], socket=True)
sock._sock.sendall(b"through the socket\n")
sock._sock.shutdown(1)
received = b""
while True:
    piece = sock._sock.recv(4096)
    if not piece:
        break
    received += piece
assert received == b"\x01\0\0\0\0\0\0\x13through the socket\n", received
assert client.api.exec_inspect(execution["Id"])["ExitCode"] == 0

# A terminal's output in frames, for who asks for frames: docker-py asks for a terminal at the creation alone
api = client.api
framed = api.exec_create(box.id, ["sh", "-c", "echo out; echo err >&2"], tty=True)
assert api.exec_start(framed["Id"]) == b"out\r\nerr\r\n"
framed = api.exec_create(box.id, ["printf", "through a frame"], tty=True)
sock = api.exec_start(framed["Id"], socket=True)
assert docker.utils.socket.next_frame_header(sock) == (1, 15)
assert docker.utils.socket.read_exactly(sock, 15) == b"through a frame"
assert api.exec_start(api.exec_create(box.id, "true")["Id"], detach=True) in ("", b"")
inspected = api.exec_inspect(framed["Id"])
assert inspected["ProcessConfig"]["privileged"] is False and inspected["CanRemove"] is False, inspected

# Sizes of terminals: each program ends when it has seen its own
sees = ["sh", "-c", "until [ \"$(stty size)\" = '34 112' ]; do sleep 0.05; done; exit 7"]
sized = client.containers.run("busybox", sees, tty=True, detach=True)
sized.resize(34, 112)
assert sized.wait()["StatusCode"] == 7
sized.remove()
execution = client.api.exec_create(box.id, sees, tty=True)
client.api.exec_start(execution["Id"], tty=True, detach=True)
client.api.exec_resize(execution["Id"], height=34, width=112)
deadline = time.monotonic() + 60
while client.api.exec_inspect(execution["Id"])["Running"]:
    assert time.monotonic() < deadline, "the exec has not seen its new size"
    time.sleep(0.05)
assert client.api.exec_inspect(execution["Id"])["ExitCode"] == 7

# Attach to a container that reads
cat = client.containers.create("busybox", "cat", stdin_open=True, name="py-cat", labels={"by": "py-cat"})
sock = cat.attach_socket(params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
cat.start()
sock._sock.sendall(b"abc\n")
head = b""
while len(head) < 12:
    head += sock._sock.recv(12 - len(head))
assert head == b"\x01\0\0\0\0\0\0\x04abc\n", head
cat.kill()
assert cat.wait()["StatusCode"] == 137
sock.close()
cat.remove()

# What the low-level client puts elsewhere than others do
old = docker.APIClient(base_url=sys.argv[1], version="1.45", timeout=60)
made = old.create_container("busybox", ["sleep", "60"], name="py-mac", mac_address="02:42:ac:11:00:0a", runtime="runc")["Id"]
assert old.inspect_container(made)["HostConfig"]["Runtime"] == "runc"
old.remove_container(made)
made = old.create_container("busybox", ["sleep", "60"], name="py-mac", mac_address="02:42:ac:11:00:0a")["Id"]
old.start(made)
assert old.inspect_container(made)["NetworkSettings"]["MacAddress"] == "02:42:ac:11:00:0a"
linked = old.create_container("busybox", "env", name="py-linked", host_config=old.create_host_config(links={"py-mac": "friend"}))["Id"]
old.start(linked)
old.wait(linked)
assert b"FRIEND_NAME=/py-linked/friend" in old.logs(linked)
assert sorted(n for c in old.containers(all=True) for n in c["Names"] if "py-mac" in n or "friend" in n) == ["/py-linked/friend", "/py-mac"]
old.remove_container("py-linked/friend", link=True)
assert not [n for c in old.containers(all=True) for n in c["Names"] if "friend" in n]
for each in (made, linked):
    old.remove_container(each, force=True)

# Errors that its tests compare word by word
refused = raises(APIError, lambda: client.containers.create("busybox", log_config=docker.types.LogConfig(type="asdf-nope", config={})))
assert refused.explanation == 'error looking up logging plugin asdf-nope: plugin "asdf-nope" not found', refused.explanation
raises(APIError, lambda: client.images.pull("busybox", platform="foobar"), "unknown operating system")
raises(APIError, lambda: client.images.build(fileobj=io.BytesIO(b"FROM busybox"), platform="foobar"), "unknown operating system")
_, words = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo oops >&2"), nocache=True)
assert {"stream": "\x1b[91moops\n\x1b[0m"} in list(words)
assert client.volumes.prune()["VolumesDeleted"] == []

# Pause, rename, restart, stop, remove
box.pause()
box.reload()
assert box.status == "paused"
box.unpause()
box.rename("py-box-2")
box.restart(timeout=5)
box.reload()
assert box.name == "py-box-2" and box.status == "running"
box.stop(timeout=5)
box.reload()
assert box.status == "exited" and box.attrs["State"]["ExitCode"] == 4, box.attrs["State"]
assert box.wait()["StatusCode"] == 4
raises(APIError, lambda: box.kill(), "is not running")
box.remove(v=True)
reader.join(30)
stream.close()
for wanted in ("create", "start", "pause", "unpause", "rename", "restart", "kill", "die", "stop", "destroy"):
    assert wanted in events, (wanted, events)

# Volumes
volume = client.volumes.get("py-data")
assert volume.attrs["Driver"] == "local"
assert "py-data" in [v.name for v in client.volumes.list()]
volume.remove()
raises(NotFound, lambda: client.volumes.get("py-data"), "no such volume")

assert "bridge" in [n.name for n in client.networks.list()]
print("OK")
