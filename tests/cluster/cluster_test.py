# SPDX-License-Identifier: Apache-2.0
"""What the tests against a cluster share: a cluster for each, a pipeline whose
messages fail twice, and the account of what became of them."""
import json
import random
import threading
import time

import nodes
import rig
from crowd import Crowd
from ledger import Ledger
from stage import LAB, LiveTest

DELAYS = ("3s", "6s")
LANES = [f"{LAB}.delay.v1.ehr.{delay}" for delay in DELAYS]
ATTEMPTS = 3
PUBLISHERS = 4
EMPTY_FOR = 10  # seconds after which empty queues hide nothing any more
BODY = json.dumps({"resourceType": "Observation", "status": "final",
                   "text": "x" * 300}).encode()


class ClusterTest(LiveTest):
    """Its broker is a cluster."""

    has_own_node = True
    needs_network = False  # without one (network.py) it is left out
    is_quick = False       # set by run.py
    logs = None            # a folder, set by run.py
    seed = 1
    handling = "pause_minority"

    def new_node(self):
        return nodes.Cluster(self.handling)

    def setUp(self):
        self.dice = random.Random(self.seed)
        self.stage = None
        super().setUp()

    def many(self, count):
        """So many messages, or some of them."""
        return max(count // 16, 60) if self.is_quick else count

    def keep_evidence(self):
        """Of a test that failed, while all of it is there still."""
        folder = self.logs / self.id().rsplit(".", 1)[1]
        folder.mkdir(parents=True, exist_ok=True)
        if self.broker is not None:
            self.broker.keep_logs(folder)
        for number, worker in enumerate(self.stage.workers if self.stage
                                        else []):
            with open(folder / f"worker-{number + 1}.log", "w",
                      encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n"
                                for line in worker.lines)
        print(f"      the logs are in {folder}", flush=True)

    # --- load ------------------------------------------------------------------

    def prepare(self, delay=0.03, concurrency=8, **settings):
        """A stage whose queues are declared, and whose downstream refuses each
        message twice and then accepts it, `delay` s after each request. Each
        worker makes `concurrency` calls at once, and has twice as many
        messages in hand at most."""
        self.stage = stage = self.set_up(
            {"seen": f"1-{ATTEMPTS - 1}", "status": 503, "delay": delay},
            {"delay": delay}, declare=False,
            policy={"max_attempts": 20, "schedule": {
                "kind": "custom", "delays": list(DELAYS)}},
            downstream={"concurrency": concurrency, "timeout": "20s"},
            pipeline={"prefetch": 2 * concurrency}, **settings)
        done = stage.program("topology", "apply", "-c", stage.config)
        self.assertEqual(done.returncode, 0, done.stderr)
        return stage

    def publish_all(self, count):
        """Confirmed, before anything breaks, so that a publisher makes no
        duplicates; their ids."""
        shares = [[(f"{share}-{n}", BODY)
                   for n in range(share, count, PUBLISHERS)]
                  for share in range(PUBLISHERS)]
        threads = [threading.Thread(target=self.stage.publish, args=(share,))
                   for share in shares]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {name for share in shares for name, _ in share}

    def crowd(self, size=3):
        return Crowd(self.stage, size, self.dice)

    def leader(self, queue):
        """The node that leads it."""
        def found():
            name = self.stage.vhost.queues().get(queue, {}).get("leader")
            return name and self.broker.named(name)
        return rig.wait_until(found, 30, f"a leader of {queue}", every=0.5)

    def waiting(self):
        """How many messages are in delay queues."""
        depths = self.stage.vhost.depths()
        return sum(depths.get(lane, 0) for lane in LANES)

    def wait_waiting(self, count, timeout=60):
        rig.wait_until(lambda: self.waiting() >= count, timeout,
                       lambda: f"{count} messages in delay queues, "
                       f"{self.stage.vhost.depths()}; {self.stage.story()}",
                       every=0.3)

    # --- the account -----------------------------------------------------------

    def settle(self, ids, timeout=240):
        """Waits until all is delivered or parked and all queues but parking
        are empty, or they have been empty for some time; the ledger."""
        ehr = self.stage.ehr
        empty_since = None

        def is_settled():
            nonlocal empty_since
            depths = self.stage.vhost.depths()
            parked = depths.pop(LAB + ".parking", 0)
            if sum(depths.values()) > 0:
                empty_since = None
                return False
            empty_since = empty_since or time.monotonic()
            return (len(ehr.accepted() & ids) + parked >= len(ids)
                    or time.monotonic() - empty_since > EMPTY_FOR)
        rig.wait_until(is_settled, timeout, lambda: f"empty queues, "
                       f"{self.stage.vhost.depths()}; {self.stage.story()}",
                       every=1)
        parked = {message.id for message in
                  self.stage.as_user("operator").drain(LAB + ".parking")}
        return Ledger(ids, ehr.messages(), parked, self.stage.workers,
                      ATTEMPTS)

    def assert_nothing_lost(self, ledger):
        self.assertEqual(len(ledger.lost), 0, "lost, such as "
                         f"{sorted(ledger.lost)[:5]}; {ledger.summary()}")
        self.assertEqual(ledger.strange, set())
        self.assertEqual(ledger.more_keys, set(),
                         "a message keeps its Idempotency-Key and its body")

    def tell(self, ledger, what):
        """Beside the test's name, and why there were duplicates."""
        self.remark = "\n      ".join(
            [f"{what}; {ledger.summary()}", *ledger.explanation()])


