# SPDX-License-Identifier: Apache-2.0
"""One node goes away under load, in each of the ways that nodes do, while
messages wait in delay queues and workers are killed now and then."""
import crowd
from cluster_test import LANES, ClusterTest
from stage import LAB

MESSAGES = 1200


class Outages(ClusterTest):

    def lose_leader(self, queue, take, give_back, seconds):
        """The node that leads `queue` is away for some seconds."""
        self.prepare()
        ids = self.publish_all(self.many(MESSAGES))
        pool = self.crowd()
        self.wait_waiting(len(ids) // 4)
        waiting = self.waiting()
        outage = crowd.Outage(self.leader(queue), take, give_back, seconds)
        while not outage.is_over:
            pool.pause()
            pool.kill_one()
            outage.step()
        ledger = self.settle(ids)
        self.tell(ledger, f"{waiting} messages in delay queues, "
                  f"{pool.kills} workers killed meanwhile" +
                  ", the node restarted" * outage.was_restarted)
        self.assert_nothing_lost(ledger)
        pool.assert_alive()

    def test_the_source_queues_leader_killed_loses_nothing(self):
        self.lose_leader(LAB, crowd.kill, crowd.start, 5)

    def test_a_delay_queues_leader_killed_loses_nothing(self):
        self.lose_leader(LANES[0], crowd.kill, crowd.start, 5)

    def test_the_source_queues_leader_stopped_loses_nothing(self):
        self.lose_leader(LAB, crowd.stop, crowd.start, 3)

    def test_a_delay_queues_leader_stopped_loses_nothing(self):
        self.lose_leader(LANES[0], crowd.stop_app, crowd.start_app, 5)

    def test_a_delay_queues_leader_away_for_longer_than_it_delays_loses_nothing(
            self):
        self.lose_leader(LANES[0], crowd.kill, crowd.start, 12)


class Cuts(ClusterTest):
    """Nobody is told: all that was sent is lost without an answer."""

    needs_network = True
    lose_leader = Outages.lose_leader

    def test_the_source_queues_leader_cut_off_loses_nothing(self):
        self.lose_leader(LAB, crowd.cut, crowd.mend, 20)

    def test_a_delay_queues_leader_cut_off_loses_nothing(self):
        self.lose_leader(LANES[0], crowd.cut, crowd.mend, 20)

    def test_a_leader_cut_off_for_a_moment_loses_nothing(self):
        self.lose_leader(LAB, crowd.cut, crowd.mend, 3)
