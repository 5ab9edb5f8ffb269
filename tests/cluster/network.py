# SPDX-License-Identifier: Apache-2.0
"""A network in which each node has an address of its own, and can be cut off.

    this process, its workers and downstreams
              |
           bridge ---+-------------+-------------+
                     | (cut: down) |             |
                  node 1        node 2        node 3

Each node is in a network namespace. All of it is in namespaces of the process
that asked for it, so that the machine's own network is not touched, and nothing
of it is left when the process has ended, however that came.
"""
import os
import subprocess
import sys

MARK = "REBOUND_TEST_NETWORK"
PREFIX = "10.217.9."


def enter():
    """Runs this program again, in namespaces of its own, from its beginning;
    returns there. Where that is not allowed it returns here, and has() is
    false."""
    if MARK in os.environ:
        return
    command = ["unshare", "--net", "--mount"]
    if os.geteuid() != 0:
        command += ["--map-root-user"]
    trial = [*command, "sh", "-ec",
             "mount -t tmpfs tmpfs /run; ip link add bridge0 type bridge;"
             " ip netns add n0; ip netns exec n0 true"]
    is_allowed = subprocess.run(trial, capture_output=True).returncode == 0
    os.environ[MARK] = "yes" if is_allowed else "no"
    if is_allowed:
        os.execvp("unshare", [*command, sys.executable, *sys.argv])


def has():
    return os.environ.get(MARK) == "yes"


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True)


class Network:
    """One for each cluster; has() must be true."""

    made = 0  # how many there were: names are not used again

    def __init__(self, count):
        if Network.made == 0:
            # Names of namespaces are files in /run/netns.
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"],
                           check=True)
            ip("link", "set", "lo", "up")
        Network.made += 1
        self.bridge = f"bridge{Network.made}"
        self.names = [f"n{Network.made}-{i + 1}" for i in range(count)]
        ip("link", "add", self.bridge, "type", "bridge")
        ip("link", "set", self.bridge, "up")
        ip("address", "add", PREFIX + "254/24", "dev", self.bridge)
        for number, name in enumerate(self.names):
            self.plug(name, self.address(number))

    def plug(self, name, address):
        ip("netns", "add", name)
        ip("link", "add", name, "type", "veth",
           "peer", "name", "eth0", "netns", name)
        ip("link", "set", name, "master", self.bridge, "up")
        ip("-n", name, "address", "add", address + "/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")

    def address(self, number):
        return f"{PREFIX}{number + 1}"

    def within(self, number):
        """The command that runs what stands behind it there."""
        return ["ip", "netns", "exec", self.names[number]]

    def cut(self, number):
        """From now on what is sent there, and from there, is lost without a
        word: nobody is told."""
        ip("link", "set", self.names[number], "down")

    def mend(self, number):
        ip("link", "set", self.names[number], "up")

    def remove(self):
        for name in self.names:
            ip("netns", "delete", name)
        ip("link", "delete", self.bridge)
