# SPDX-License-Identifier: Apache-2.0
"""The stage of a live test: a vhost, a downstream, a configuration, users with
the least rights, and workers.

Nobody on it is an administrator but the test itself, which counts messages
and breaks things.
"""
import copy
import secrets
import shlex
import shutil
import unittest

import rabbit
import rig

LAB = "rebound.lab"
USERS = ("declarer", "worker", "operator", "rebound-publisher")

# The delays are short, and few, so that tests are.
POLICY = {
    "max_attempts": 3,
    "schedule": {"kind": "custom", "delays": ["300ms"]},
    "retry_after_ceiling": "4s",
}
LANE = "v1.ehr.300ms"


def add_users(broker):
    """The users of all stages, with passwords of this run."""
    broker.passwords = {user: secrets.token_urlsafe(12) for user in USERS}
    for user, password in broker.passwords.items():
        broker.set_user(user, password)


def rights_in(said):
    """user -> rights, of the commands that `topology print` proposes."""
    found = {}
    for line in said.splitlines():
        if line.startswith("rabbitmqctl set_permissions -p "):
            user, *rights = shlex.split(line)[4:]
            found[user] = rights
    return found


class Stage:
    """What one test plays on."""

    def __init__(self, broker, program, settings):
        self.broker = broker
        self.program = program
        self.vhost = broker.new_vhost()
        self.folder = broker.folder / self.vhost.name
        self.folder.mkdir()
        self.workers = []
        self.downstreams = []
        self.config = self.folder / "rebound.cfg"
        self.settings = settings

    # --- configuration ---------------------------------------------------------

    def login(self, user):
        return {"user": user, "password": self.broker.passwords[user]}

    def write(self, **changes):
        """Writes the configuration, with these settings instead. They are
        the stage's from then on: what a test changes in them stays with it."""
        self.settings = {**self.settings, **copy.deepcopy(changes)}
        settings = copy.deepcopy(self.settings)
        broker = {
            "nodes": self.broker.urls(),
            "vhost": self.vhost.name, **self.login("worker"),
            "admin": self.login("declarer"),
            "operator": self.login("operator"),
            "heartbeat": "5s", "reconnect_max": "1s",
        }
        broker.update(settings.pop("broker", {}))
        broker = {k: v for k, v in broker.items() if v is not None}
        whole = {"broker": broker, "shutdown_grace": "10s", **settings}
        self.config.write_text(rig.configuration(whole))

    def permit(self):
        """Gives each user what the program says it needs, and no more."""
        said = self.program("topology", "print", "-c", self.config,
                            "--permissions")
        if said.returncode != 0:
            raise AssertionError(said.stderr)
        for user, rights in rights_in(said.stdout).items():
            if user in USERS:
                self.vhost.permit(user, *rights)

    # --- people ----------------------------------------------------------------

    def downstream(self, *rules):
        one = rig.Downstream(*rules)
        self.downstreams.append(one)
        return one

    def start(self, *arguments, pipelines=None):
        """A worker that is ready."""
        worker = self.start_any(*arguments)
        count = pipelines or len(self.settings["pipelines"])
        return worker.wait_ready(count)

    def start_any(self, *arguments, **options):
        """A worker, whatever becomes of it."""
        worker = rig.Worker(self.program, self.config, *arguments, **options)
        self.workers.append(worker)
        return worker

    def as_user(self, user):
        password = self.broker.passwords.get(user, "guest")
        return rabbit.Client(self.broker.port, self.vhost.name, user, password,
                             host=self.broker.host)

    def publish(self, bodies=b"{}", key="lab.result", exchange=LAB + ".in",
                **properties):
        self.as_user("rebound-publisher").publish(exchange, key, bodies,
                                                  **properties)

    def publish_many(self, count, prefix="m", **properties):
        """count messages with ids m0, m1, ...; the set of the ids."""
        bodies = [(f"{prefix}{i}", b'{"n": %d}' % i) for i in range(count)]
        self.publish(bodies, **properties)
        return {name for name, _ in bodies}

    def parked(self, count=1, pipeline=LAB, timeout=20):
        """Takes `count` parked messages, as the operator."""
        queue = pipeline + ".parking"
        operator = self.as_user("operator")
        found = []

        def all_there():
            found.extend(operator.drain(queue))
            return len(found) >= count
        rig.wait_until(all_there, timeout,
                       lambda: f"{count} parked messages, {len(found)} came; "
                       + self.story())
        return found

    # --- what became of it -------------------------------------------------------

    def in_all(self):
        """How many messages are in any queue, in hand included."""
        return sum(self.vhost.depths().values())

    def wait_empty(self, timeout=20):
        """Until no message is in any queue."""
        rig.wait_until(lambda: self.in_all() == 0, timeout,
                       lambda: f"empty queues, {self.vhost.depths()}; "
                       + self.story(), every=0.1)

    def wait_accepted(self, ids, timeout=20, downstream=None):
        """Until the downstream has accepted all these messages."""
        downstream = downstream or self.downstreams[0]
        rig.wait_until(lambda: set(ids) <= downstream.accepted(), timeout,
                       lambda: f"{len(set(ids) - downstream.accepted())} "
                       f"messages of {len(ids)}; {self.vhost.depths()}; "
                       + self.story(), every=0.05)

    def story(self):
        return "\n".join(worker.story() for worker in self.workers)

    def clear(self):
        flaws = [worker.retire() for worker in self.workers]
        for downstream in self.downstreams:
            downstream.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.vhost.remove()
        except (OSError, rig.BrokerError):
            pass  # a test that stopped the node has failed already
        if any(flaws):
            raise AssertionError("\n".join(filter(None, flaws)))


class LiveTest(unittest.TestCase):
    """A test against the real broker."""

    broker = None   # set by run.py
    program = None
    is_alone = False  # it changes the node for all, or measures time
    is_long = False  # it plays out a whole bad day
    has_own_node = False  # what it does to one, no other test should suffer

    def setUp(self):
        if not self.has_own_node:
            return
        self.broker = self.new_node()
        self.addCleanup(self.broker.remove)
        self.broker.start()
        add_users(self.broker)

    def new_node(self):
        """The node of a test that has its own."""
        return rig.Broker()

    def set_up(self, *rules, policy=None, downstream=None, pipeline=None,
               pipelines=None, **settings):
        """A stage with one pipeline, lab, that delivers to ehr; its users
        have their rights, and no worker runs yet."""
        stage = Stage(self.broker, self.program, settings)
        self.addCleanup(stage.clear)
        ehr = stage.downstream(*rules)
        stage.ehr = ehr
        stage.write(
            downstreams={"ehr": {"url": ehr.url(), "timeout": "5s",
                                 # Rows of failures are what most tests make.
                                 "breaker": False, "storm": 0,
                                 **(downstream or {})}},
            pipelines=pipelines or {
                "lab": {"deliver_to": ["ehr"], "policy": "brisk",
                        **(pipeline or {})}},
            policies={"brisk": {**copy.deepcopy(POLICY),
                                **(policy or {})}}, **settings)
        stage.permit()
        return stage

    def running(self, *rules, **settings):
        """The same, with a worker that is ready; both."""
        stage = self.set_up(*rules, **settings)
        return stage, stage.start()

    def assert_all_accounted(self, stage, ids):
        """Nothing is lost, and nothing is left."""
        stage.wait_accepted(ids, timeout=60)
        stage.wait_empty()
