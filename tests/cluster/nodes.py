# SPDX-License-Identifier: Apache-2.0
"""A cluster of three RabbitMQ nodes of its own.

With a network (network.py) each node has an address of its own and can be cut
off; without one all are on 127.0.0.1, at ports of their own.
"""
import contextlib
import http.client
import pathlib
import secrets
import shutil

import network
import rig

SIZE = 3

# Leaders are spread over the nodes, as they should be.
CONFIGURATION = """\
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.discovery_retry_limit = 2
cluster_partition_handling = {handling}
queue_leader_locator = balanced
loopback_users = none
"""

# A node that hears nothing of another takes it for dead after 8 s (instead of
# 60 s), so that tests end.
TICKS = " -kernel net_ticktime 8"

# A dead letter that nobody has confirmed is sent again after 20 s (instead of
# three minutes).
ADVANCED = """\
[{rabbit, [{quorum_tick_interval, 250},
           {dead_letter_worker_publisher_confirm_timeout, 20000}]}].
"""

class Node(rig.Broker):
    """One of them."""

    def __init__(self, cluster, number):
        super().__init__()
        self.cluster = cluster
        self.number = number
        self.is_cut = False
        if cluster.network is not None:
            self.host = cluster.network.address(number)
            self.within = cluster.network.within(number)
        self.name = f"{cluster.name}-{number + 1}@{self.host}"
        self.write(".erlang.cookie", cluster.cookie)
        (self.folder / ".erlang.cookie").chmod(0o400)

    def choose_ports(self):
        super().choose_ports()
        if self.number > 0:
            self.epmd_port = self.cluster.nodes[0].epmd_port
        self.write("conf.d/cluster.conf", CONFIGURATION.format(
            handling=self.cluster.handling) + "".join(
                f"cluster_formation.classic_config.nodes.{n + 1} = {one.name}\n"
                for n, one in enumerate(self.cluster.nodes)))

    def advanced_configuration(self):
        return ADVANCED

    def environment(self):
        found = super().environment()
        found["RABBITMQ_USE_LONGNAME"] = "true"
        found["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] += TICKS
        return found

    def start_epmd(self):
        """Its own where it has an address of its own; else they share one."""
        if self.number == 0 or self.within:
            return super().start_epmd()
        return None

    @property
    def is_usable(self):
        return (self.process is not None and self.process.poll() is None
                and not self.is_cut)

    def cut(self):
        """Nobody hears of it, and it hears of nobody; it goes on running."""
        self.is_cut = True
        self.cluster.network.cut(self.number)

    def mend(self):
        self.cluster.network.mend(self.number)
        self.is_cut = False

    def sees_all(self):
        """Whether it runs in a cluster in which all run."""
        try:
            found = self.ask("GET", "/nodes?columns=name,running,partitions")
        except (OSError, http.client.HTTPException, rig.BrokerError):
            return False
        return (sum(one.get("running", False) for one in found) == SIZE
                and not any(one.get("partitions") for one in found))


class Cluster(rig.Administered):
    """Three nodes that are one broker: what tests ask of a node they ask of
    any that can be used."""

    def __init__(self, handling="pause_minority"):
        """`handling`: cluster_partition_handling of RabbitMQ."""
        self.handling = handling
        self.name = "rebound-" + secrets.token_hex(4)
        self.cookie = secrets.token_hex(20)
        self.folder = rig.new_folder()
        self.network = network.Network(SIZE) if network.has() else None
        self.nodes = []
        self.nodes += [Node(self, number) for number in range(SIZE)]

    # --- their life ------------------------------------------------------------

    def start(self):
        self.nodes[0].start()
        others = self.nodes[1:]
        for node in others:
            node.choose_ports()
            node.launch()
        for node in others:
            node.wait_ready(120)
        self.wait_whole()
        return self

    def wait_whole(self, timeout=120):
        """Until each sees all."""
        rig.wait_until(lambda: all(node.sees_all() for node in self.nodes),
                       timeout, "all nodes to see each other", every=0.5)

    def story(self):
        """What each says of all."""
        said = []
        for node in self.nodes:
            try:
                found = node.ask(
                    "GET", "/nodes?columns=name,running,partitions")
            except (OSError, http.client.HTTPException,
                    rig.BrokerError) as error:
                found = error
            said.append(f"{node.name}: {found}")
        return "\n  ".join(said)

    def remove(self):
        for node in self.nodes:
            node.remove()
        if self.network is not None:
            self.network.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep_logs(self, folder):
        """Copies what the nodes have said."""
        for node in self.nodes:
            into = pathlib.Path(folder) / f"node-{node.number + 1}"
            shutil.rmtree(into, ignore_errors=True)
            with contextlib.suppress(OSError):
                shutil.copytree(node.folder / "log", into)
                shutil.copy(node.folder / "output", into)

    # --- asking ----------------------------------------------------------------

    def usable(self):
        for node in self.nodes:
            if node.is_usable and node.is_up():
                return node
        raise rig.BrokerError("no node can be used")

    @property
    def host(self):
        return self.usable().host

    @property
    def port(self):
        return self.usable().port

    def urls(self):
        return [url for node in self.nodes for url in node.urls()]

    def ask(self, *arguments):
        return self.usable().ask(*arguments)

    def ctl(self, *arguments):
        return self.usable().ctl(*arguments)

    def named(self, name):
        for node in self.nodes:
            if node.name == name:
                return node
        raise rig.BrokerError(f"there is no node {name}")
