# SPDX-License-Identifier: Apache-2.0
"""A network that a worker has for itself, with one cable to this machine that
can be pulled. What is sent then is lost without a word.

It is a pair of virtual interfaces, of which one is in a network namespace
with the worker. That takes root, and a system that lets root do so.
"""
import os
import secrets
import subprocess

import rig

# The worker's shell waits until the cable is there, and becomes the worker.
PLUGGED = ('until ip link set "$0" up 2>/dev/null; do sleep 0.02; done;'
           'ip addr add "$1" dev "$0"; shift; exec "$@"')


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True, timeout=10,
                   capture_output=True, text=True)


class Cable:
    """`here` is this machine's address on it. Raises OSError or
    CalledProcessError where there can be none."""

    def __init__(self):
        self.name = "rb" + secrets.token_hex(4)
        self.far_name = self.name + "w"
        # Of the addresses for tests of networks (RFC 2544).
        net = f"198.{18 + secrets.randbelow(2)}.{secrets.randbelow(256)}"
        first = 4 * secrets.randbelow(64)
        self.here = f"{net}.{first + 1}"
        self.far = f"{net}.{first + 2}"
        ip("link", "add", self.name, "type", "veth", "peer", "name",
           self.far_name)
        ip("addr", "add", f"{self.here}/30", "dev", self.name)
        ip("link", "set", self.name, "up")

    def within(self):
        """The command that a worker is run by; see rig.Worker."""
        return ["unshare", "--net", "sh", "-c", PLUGGED, self.far_name,
                f"{self.far}/30"]

    def lead_to(self, process):
        """Gives its other end to a process that is run by it."""
        def has_left():
            return (os.readlink(f"/proc/{process.pid}/ns/net")
                    != os.readlink("/proc/self/ns/net"))
        rig.wait_until(has_left, what="the worker's own network")
        ip("link", "set", self.far_name, "netns", process.pid)

    def pull(self):
        ip("link", "set", self.name, "down")

    def plug(self):
        ip("link", "set", self.name, "up")

    def remove(self):
        subprocess.run(["ip", "link", "del", self.name], check=False,
                       timeout=10, capture_output=True)
