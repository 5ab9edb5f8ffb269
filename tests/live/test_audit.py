# SPDX-License-Identifier: Apache-2.0
"""What the worker writes into the audit trail, read back from its stream."""
import hashlib
import json

import rig
from stage import LAB, LiveTest

TRAIL = "rebound.audit"


class Audit(LiveTest):

    def entries(self, stage, count=0, timeout=20):
        """All lines of the trail, in their order; waits for `count`."""
        found = []

        def read():
            found[:] = self.read(stage)
            return len(found) >= count
        rig.wait_until(read, timeout, lambda: f"{count} entries, "
                       f"{len(found)} came; {stage.story()}", every=0.2)
        return found

    @staticmethod
    def read(stage):
        bodies = []
        with stage.as_user("guest") as guest, guest.channel() as channel:
            channel.basic_qos(prefetch_count=1000)
            for method, _, body in channel.consume(
                    TRAIL, inactivity_timeout=0.3,
                    arguments={"x-stream-offset": "first"}):
                if method is None:
                    break
                channel.basic_ack(method.delivery_tag)
                bodies.append(body)
            channel.cancel()
        return b"".join(bodies).splitlines()

    def assert_chains(self, lines):
        """Each writer's lines are numbered from 1, and each names the hash of
        the one before. The entries."""
        heads = {}
        found = []
        for line in lines:
            entry = json.loads(line)
            number, head = heads.get(entry["chain"], (0, ""))
            self.assertEqual((entry["seq"], entry["prev"]),
                             (number + 1, head))
            heads[entry["chain"]] = (entry["seq"],
                                     hashlib.sha256(line).hexdigest())
            found.append(entry)
        return found

    def test_the_story_of_a_message_is_one_chain(self):
        stage, worker = self.running({"id": "bad", "status": 422},
                                     {"id": "late", "seen": "1",
                                      "status": 503})
        stage.publish(b'{"name": "somebody"}', message_id="good",
                      correlation_id="c-1")
        stage.publish(b"x", message_id="late")
        stage.publish(b"x", message_id="bad")
        stage.wait_accepted(["good", "late"])
        worker.wait(event="verdict", id="bad")
        worker.wait(event="verdict", id="late", verdict="done")
        self.assertEqual(worker.stop(), 0)
        lines = self.entries(stage, 7)
        said = self.assert_chains(lines)
        self.assertEqual((said[0]["event"], said[-1]["event"]),
                         ("opened", "closed"))
        by_id = {}
        for entry in said[1:-1]:
            by_id.setdefault(entry["id"], []).append(entry)
        self.assertEqual({name: [e["event"] for e in found]
                          for name, found in by_id.items()},
                         {"good": ["delivered"],
                          "late": ["failed", "retry", "delivered"],
                          "bad": ["failed", "parked"]})
        good, = by_id["good"]
        self.assertEqual(good["sha256"], hashlib.sha256(
            b'{"name": "somebody"}').hexdigest())
        self.assertEqual((good["bytes"], good["status"], good["attempt"],
                          good["correlation"], good["login"]),
                         (20, 200, 1, "c-1", "worker"))
        self.assertEqual(by_id["late"][1]["lane"], "v1.ehr.300ms")
        self.assertEqual(by_id["bad"][1]["reason"], "permanent")
        self.assertNotIn(b"somebody", b"".join(lines))

    def test_the_log_has_the_heads(self):
        stage, worker = self.running()
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])
        worker.stop()
        last = self.entries(stage, 3)[-1]
        head = worker.said(event="state", part="audit", state="head")[-1]
        self.assertIn(hashlib.sha256(last).hexdigest(), head["text"])

    def test_failures_alone_leave_nothing_of_the_rest(self):
        stage, worker = self.running({"id": "late", "seen": "1",
                                      "status": 503}, audit="failures")
        ids = stage.publish_many(20)
        stage.publish(b"x", message_id="late")
        stage.wait_accepted(ids | {"late"})
        worker.wait(event="verdict", id="late", verdict="done")
        worker.stop()
        self.assertEqual([e["event"] for e in
                          self.assert_chains(self.entries(stage, 5))],
                         ["opened", "failed", "retry", "delivered", "closed"])

    def test_without_a_trail_there_is_neither_queue_nor_entry(self):
        stage, worker = self.running(audit="off")
        self.assert_all_accounted(stage, stage.publish_many(3))
        self.assertNotIn(TRAIL, stage.vhost.queues())
        worker.stop()
        self.assertEqual(worker.said(event="state", part="audit"), [])

    def test_required_entries_are_there_before_the_ack(self):
        stage, worker = self.running(audit="required")
        self.assert_all_accounted(stage, stage.publish_many(200))
        # All are acked: so all are in the trail, though the worker is killed.
        worker.signal(9)
        worker.wait_end()
        said = self.assert_chains(self.entries(stage, 201))
        self.assertEqual(sum(e["event"] == "delivered" for e in said), 200)

    def test_required_acks_wait_while_no_queue_takes_entries(self):
        stage, worker = self.running(audit="required")
        stage.vhost.unbind(TRAIL, TRAIL, "v1")
        ids = stage.publish_many(5)
        stage.wait_accepted(ids)
        worker.wait(event="state", part="audit", state="holding")
        rig.wait_until(lambda: stage.vhost.depth(LAB) == 5, what="the count")
        self.assertTrue(rig.stays(lambda: stage.vhost.depth(LAB) == 5, 1))
        stage.as_user("guest").bind_queue(TRAIL, TRAIL, "v1")
        worker.wait(60, event="state", part="audit", state="moving")
        stage.wait_empty(60)
        worker.stop()
        said = self.assert_chains(self.entries(stage, 7))
        self.assertEqual(sum(e["event"] == "delivered" for e in said), 5)

    def test_a_trail_that_takes_nothing_stops_no_delivery(self):
        stage, worker = self.running()
        stage.vhost.unbind(TRAIL, TRAIL, "v1")
        self.assert_all_accounted(stage, stage.publish_many(50))
        worker.wait(event="state", part="audit", state="holding")
        self.assertEqual(worker.stop(timeout=15), 0)
