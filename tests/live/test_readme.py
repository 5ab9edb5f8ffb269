# SPDX-License-Identifier: Apache-2.0
"""The README's first configuration, typed as it is printed: a fresh broker on
localhost:5672 with its guest user, and a service on localhost:8081.

Those ports may be taken here, so it plays in a network of its own, in which
this file runs itself as a program.
"""
import fcntl
import hashlib
import os
import pathlib
import re
import shlex
import socket
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import rig  # noqa: E402
import stage  # noqa: E402

README = (rig.ROOT / "README.md").read_text()
SAMPLE = rig.ROOT / "samples/fhir/Observation-example.json"


def smallest():
    """The configuration between its marks."""
    block = re.search(r"<!-- smallest -->\n(.*?)<!-- /smallest -->", README,
                      re.S)
    return re.sub(r"^    ", "", block.group(1), flags=re.M)


def commands():
    """The commands printed under it, as lists of words."""
    block = re.search(r"<!-- /smallest -->\n\n((?:    .*\n)+)", README)
    return [shlex.split(line) for line in block.group(1).splitlines()]


class Readme(stage.LiveTest):
    def test_the_smallest_configuration_delivers_as_it_is_printed(self):
        new_user = [] if os.geteuid() == 0 else ["--map-root-user"]
        done = subprocess.run(
            ["unshare", "--net", *new_user, "--", rig.PYTHON, __file__,
             self.program.path], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("delivered", done.stdout)


# --- within the network of its own ---------------------------------------------


def bring_loopback_up():
    """As `ip link set lo up`."""
    up, get_flags, set_flags = 1, 0x8913, 0x8914
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(
            any_socket, get_flags, request))[1]
        fcntl.ioctl(any_socket, set_flags,
                    struct.pack("16sh14x", b"lo", flags | up))


class DefaultBroker(rig.Broker):
    """A node on the port where everybody looks."""

    def choose_ports(self):
        others, rig.free_ports = rig.free_ports, lambda count: (
            [5672] + others(count - 1))
        try:
            super().choose_ports()
        finally:
            rig.free_ports = others


def play(program):
    with tempfile.TemporaryDirectory() as folder, DefaultBroker() as broker:
        pathlib.Path(folder, "smallest.cfg").write_text(smallest())
        pathlib.Path(folder, "samples").symlink_to(rig.ROOT / "samples")
        downstream = rig.Downstream(port=8081)
        background = []
        for words in commands():
            assert words[0] == "rebound", words
            words[0] = str(program)
            if words[-1] == "&":
                background.append(rig.spawn(words[:-1], cwd=folder))
                rig.wait_until(lambda: is_consuming(broker), what="run")
            else:
                subprocess.run(words, cwd=folder, check=True)
        rig.wait_until(downstream.accepted, what="the delivery")
        request, = downstream.requests()
        assert request["path"] == "/", request
        assert request["sha256"] == hashlib.sha256(
            SAMPLE.read_bytes()).hexdigest(), request
        for one in background:
            assert rig.end(one) == 0
        print("delivered")


def is_consuming(broker):
    """What takes a person a moment to type the next command."""
    try:
        queues = broker.ask("GET", "/queues/%2f")
    except rig.BrokerError:
        return False  # a node that has just started cannot tell yet
    return any(queue.get("consumers") for queue in queues)


if __name__ == "__main__":
    bring_loopback_up()
    rig.heed_signals()
    play(pathlib.Path(sys.argv[1]))
