# SPDX-License-Identifier: Apache-2.0
"""What moves in a cluster that is well, or not: leaders, and connections."""
import re

import crowd
from cluster_test import LANES, ClusterTest
from stage import LAB

MESSAGES = 1200


class Moves(ClusterTest):

    def move_leader(self, queue):
        """Makes another node its leader."""
        leader = self.leader(queue)
        number = (leader.number + 1) % len(self.broker.nodes)
        self.broker.ctl("eval", f"""
            {{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(
                <<"{self.stage.vhost.name}">>, queue, <<"{queue}">>)),
            rabbit_quorum_queue:transfer_leadership(
                Q, '{self.broker.nodes[number].name}').""")

    def test_leaders_that_move_under_load_disturb_nobody(self):
        self.prepare()
        ids = self.publish_all(self.many(MESSAGES))
        pool = self.crowd()
        self.wait_waiting(len(ids) // 4)
        moved = 0
        for _ in range(3):
            for queue in [LAB, *LANES]:
                before = self.leader(queue)
                self.move_leader(queue)
                moved += self.leader(queue) is not before
        ledger = self.settle(ids)
        self.tell(ledger, f"leaders moved {moved} times")
        self.assertGreater(moved, 0)
        self.assert_nothing_lost(ledger)
        for worker in pool.living:
            self.assertEqual(worker.said(event="state", state="down"), [])
            self.assertEqual(worker.said(event="state", state="cut"), [])


class Nodes(ClusterTest):

    def node_of(self, worker, part, since=0):
        """The node that a part of a worker has connected to last."""
        line = worker.find(since, event="state", part=part, state="up")[-1]
        at = re.search(r"[0-9.]+:\d+", line["text"]).group(0)
        for node in self.broker.nodes:
            if at == f"{node.host}:{node.port}":
                return node
        raise AssertionError(f"no node has {at}")

    def leave(self, take, give_back, timeout):
        stage = self.prepare()
        stage.ehr.rules()
        worker = stage.start()
        for part in ("intake", "outlet"):
            node = self.node_of(worker, part)
            mark = worker.mark()
            outage = crowd.Outage(node, take, give_back)
            worker.wait(timeout, since=mark, event="state", part=part,
                        state="up")
            self.assertIsNot(self.node_of(worker, part, mark), node)
            ids = {f"{part}-{n}" for n in range(20)}
            stage.publish([(name, b"x") for name in ids])
            stage.wait_accepted(ids)
            outage.end()

    def test_a_worker_whose_node_is_killed_goes_to_another(self):
        self.leave(crowd.kill, crowd.start, 15)


class NodesCutOff(ClusterTest):
    needs_network = True
    node_of = Nodes.node_of
    leave = Nodes.leave

    def test_a_worker_whose_node_is_cut_off_goes_to_another(self):
        """Of a node that is cut off only the heartbeat tells: 5 s here."""
        self.leave(crowd.cut, crowd.mend, 40)
