# SPDX-License-Identifier: Apache-2.0
"""The main run: many messages that fail twice, while workers and nodes are
killed the whole time."""
import time

import crowd
from cluster_test import ATTEMPTS, ClusterTest
from stage import LAB

MESSAGES = 8000
WORKER_KILLS = 47
NODE_KILLS = 3
DOWN = 5     # seconds that a node is away
IN_HAND = 4  # messages of one worker: its prefetch


class Storm(ClusterTest):

    def test_kills_of_workers_and_of_leaders_nodes_lose_nothing(self):
        begun = time.monotonic()
        self.prepare(delay=0.02, concurrency=IN_HAND // 2)
        ids = self.publish_all(self.many(MESSAGES))
        stormed = time.monotonic()
        pool = self.crowd()
        waiting = self.rage(pool)
        over = time.monotonic()
        ledger = self.settle(ids, timeout=400)
        self.tell(ledger, f"{pool.kills} workers and {len(waiting)} leaders' "
                  f"nodes killed within {over - stormed:.0f} s, with {waiting} "
                  f"messages in delay queues, "
                  f"{time.monotonic() - begun:.0f} s in all")
        self.assert_nothing_lost(ledger)
        pool.assert_alive()
        self.assertGreaterEqual(ledger.calls, ATTEMPTS * len(ids))
        # What a worker has in hand when it dies is repeated, and what all
        # have in hand when a node does; nothing else.
        self.assertLessEqual(ledger.duplicates, IN_HAND * (
            pool.kills + len(waiting) * len(pool.living)))
        if not self.is_quick:
            self.assertTrue(all(waiting), "delay queues are never empty")

    def rage(self, pool):
        """Kills all that are to be killed; how many messages waited in delay
        queues each time that a node was."""
        worker_kills = WORKER_KILLS // (4 if self.is_quick else 1)
        due = [worker_kills * (n + 0.5) // NODE_KILLS
               for n in range(NODE_KILLS)]
        waiting = []
        outage = None
        while pool.kills < worker_kills or due or outage:
            pool.pause()
            if pool.kills < worker_kills:
                pool.kill_one()
            if outage is not None:
                outage.step()
                outage = None if outage.is_over else outage
            elif due and pool.kills >= due[0]:
                due.pop(0)
                waiting.append(self.waiting())
                outage = crowd.Outage(self.leader(LAB), crowd.kill,
                                      crowd.start, DOWN)
        return waiting
