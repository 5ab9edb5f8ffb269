# SPDX-License-Identifier: Apache-2.0
"""Two of three nodes are away. What is left of the broker takes copies for the
queues that it led, and says nothing; those for others it nacks, and those for
queues that this channel has not published to before."""
import time

import rig
from cluster_test import LANES, ClusterTest
from stage import LAB

MESSAGES = 40
CALLS = 8  # of a worker at once: the downstream's concurrency


class Silence(ClusterTest):
    # The node that is left stays up. (With pause_minority it would close its
    # connections; test_outages.py has that.)
    handling = "ignore"

    def warm_up(self, stage):
        """Copies go to both delay queues, and come back."""
        ids = {f"w{n}" for n in range(CALLS)}
        stage.publish([(name, b"x") for name in ids])
        stage.wait_accepted(ids, timeout=40)
        stage.wait_empty()
        stage.ehr.ask("DELETE", "/_stats")

    def calls_under_way(self, stage, worker):
        """Publishes; the ids, and a mark from when calls were under way. They
        take 5 s the first time, and half of them end well."""
        stage.ehr.rules({"id": "[01]-*", "seen": "1", "status": 503,
                         "delay": 5}, {"seen": "1", "delay": 5})
        mark = worker.mark()
        ids = self.publish_all(MESSAGES)
        rig.wait_until(lambda: stage.ehr.stats()["requests"] >= CALLS,
                       what="calls")
        return ids, mark

    def lose_quorum(self, queue, seconds, is_known=True, **settings):
        """A worker has deliveries in hand, and is connected to the node that
        leads `queue`, which is left alone for some seconds after that; the
        stage, the worker, the messages, and a mark in the worker's log from
        before that. `is_known`: it has published to the queues before."""
        stage = self.prepare(**settings)
        left = self.leader(queue)
        others = [node for node in self.broker.nodes if node is not left]
        stage.write(broker={"nodes": left.urls()})
        worker = stage.start()
        if is_known:
            self.warm_up(stage)
        ids, mark = self.calls_under_way(stage, worker)
        for node in others:
            node.kill()
        self.assertEqual(worker.find(mark, event="call"), [],
                         "that was in time")
        worker.wait(since=mark, event="call", count=CALLS)
        time.sleep(seconds)
        self.assertNotEqual(worker.find(mark, event="call", verdict="retry"),
                            [])
        self.assertEqual(worker.find(mark, event="verdict", verdict="retry"),
                         [], "no ack without a confirm")
        self.assertIsNone(worker.process.poll())
        for node in others:
            node.launch()
        return stage, worker, ids, mark

    def recover(self, stage, worker, ids):
        self.broker.wait_whole()
        stage.ehr.rules({"seen": "1", "status": 503})
        ledger = self.settle(ids)
        self.tell(ledger, "two of three nodes killed")
        self.assert_nothing_lost(ledger)
        self.assertIsNone(worker.process.poll())
        return ledger

    def test_without_a_confirm_a_worker_waits_and_then_goes_on(self):
        stage, worker, ids, mark = self.lose_quorum(LANES[0], 15)
        self.assertEqual(worker.said(since=mark, event="state"), [],
                         "silence is waited for")
        self.recover(stage, worker, ids)

    def test_silence_for_longer_than_confirm_timeout_is_survived(self):
        stage, worker, ids, mark = self.lose_quorum(
            LANES[0], 15, confirm_timeout="4s")
        worker.wait(since=mark, event="state", part="outlet", state="cut")
        self.recover(stage, worker, ids)

    def test_copies_that_are_nacked_are_held_and_then_placed(self):
        stage, worker, ids, mark = self.lose_quorum(LAB, 15,
                                                         is_known=False)
        worker.wait(since=mark, event="state", state="holding",
                    reason="refused")
        self.recover(stage, worker, ids)
        worker.wait(since=mark, event="state", state="moving")
