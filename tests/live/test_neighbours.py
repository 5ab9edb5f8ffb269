# SPDX-License-Identifier: Apache-2.0
"""What is wrong with one message, or one pipeline, is not the trouble of
others."""
import pika

import rig
from stage import LAB, LiveTest

FRAME_MAX = 131072  # the broker's default
AROUND = 8          # of a frame: type, channel, size, end
TWO = "rebound.two"


def both(**lab):
    """Two pipelines that share a downstream."""
    one = {"deliver_to": ["ehr"], "policy": "brisk"}
    return {"lab": {**one, **lab}, "two": one}


class Neighbours(LiveTest):

    def filling_header(self, left):
        """A header with which the properties fill a frame but for `left`
        bytes."""
        def size(count):
            properties = pika.BasicProperties(
                message_id="poison", delivery_mode=2,
                headers={"fill": "x" * count})
            return 12 + len(b"".join(properties.encode()))
        count = FRAME_MAX - AROUND - left - size(0)
        return {"fill": "x" * count}

    def test_headers_that_outgrow_their_frame_take_no_neighbour_with_them(self):
        stage = self.set_up({"delay": 20}, pipeline={"prefetch": 8},
                            broker={"reconnect_max": "500ms"})
        stage.start()
        fine = {f"fine{i}" for i in range(12)}
        with stage.as_user("rebound-publisher") as publisher:
            publisher.publish(LAB + ".in", "lab.result", b"{}",
                              headers=self.filling_header(20),
                              message_id="poison")
            publisher.publish(LAB + ".in", "lab.result",
                              [(name, b"{}") for name in sorted(fine)])
        rig.wait_until(lambda: stage.ehr.stats()["requests"] >= 8,
                       what="a full prefetch")
        stage.workers[-1].kill()
        stage.ehr.rules()
        worker = stage.start_any()
        stage.wait_accepted(fine, timeout=60)
        parked, = stage.parked()
        self.assertEqual(parked.id, "poison")
        self.assertEqual(parked.headers["x-death"][0]["reason"],
                         "delivery_limit")
        worker.wait(event="state", part="intake", state="up")

    def test_a_refused_pipeline_ends_the_start_but_not_what_is_in_flight(self):
        stage = self.set_up({"delay": 0.5}, pipelines=both())
        self.assertEqual(stage.program("topology", "apply", "-c",
                                       stage.config).returncode, 0)
        stage.vhost.permit("worker", "^$", r"^rebound\.(lab|two)\..*$",
                           r"^rebound\.lab$")
        ids = stage.publish_many(10)
        for _ in range(12):
            worker = stage.start_any()
            self.assertEqual(worker.wait_end(20), 77, worker.story())
            if stage.ehr.accepted():
                break
        self.assertIn("read", worker.complaints())
        self.assertEqual(stage.vhost.depth(LAB + ".parking"), 0)
        # What was called before the end was acked too: none is called again.
        stage.permit()
        stage.start()
        self.assert_all_accounted(stage, ids)
        self.assertEqual({m["seen"] for m in stage.ehr.messages().values()},
                         {1})

    def test_a_right_to_park_that_is_missing_ends_the_start(self):
        stage = self.set_up()
        stage.vhost.permit("worker", "^$", r"^rebound\.lab\.delay$",
                           r"^rebound\.lab$")
        worker = stage.start_any()
        self.assertEqual(worker.wait_end(20), 77, worker.story())
        for word in ("rebound.lab.parking", "write", "set_permissions"):
            self.assertIn(word, worker.complaints())
        self.assertEqual(stage.vhost.depth(LAB + ".parking"), 0)

    def test_parking_that_is_gone_holds_up_no_other_pipeline(self):
        stage = self.set_up({"id": "bad*", "status": 400},
                            {"seen": "1", "status": 503}, declare=False,
                            pipelines=both())
        self.assertEqual(stage.program("topology", "apply", "-c",
                                       stage.config).returncode, 0)
        worker = stage.start(pipelines=2)
        self.broker.ask("DELETE", stage.vhost.path("exchanges",
                                                   LAB + ".parking"))
        stage.publish_many(8, "bad")
        worker.wait(event="state", part="engine", state="holding")
        for n in range(3):
            ids = stage.publish_many(100, f"fine{n}-", exchange=TWO + ".in")
            stage.wait_accepted(ids, timeout=20)
        downs = worker.said(event="state", part="outlet", state="down")
        self.assertLessEqual(len(downs), 3, downs)
        self.assertEqual(stage.vhost.depth(LAB), 8, "they stay unacked")
        # Once it is back they are parked, each once.
        self.assertEqual(stage.program("topology", "apply", "-c",
                                       stage.config).returncode, 0)
        rig.wait_until(lambda: stage.vhost.depth(LAB + ".parking") == 8, 75,
                       lambda: f"parking, {stage.vhost.depths()}; "
                       + worker.story())
        stage.parked(8)
        stage.wait_empty()

    def test_what_is_unacked_never_exceeds_the_prefetch(self):
        stage = self.set_up({"id": "first*", "delay": 6},
                            pipeline={"prefetch": 4},
                            downstream={"concurrency": 100, "timeout": "20s"})
        worker = stage.start()
        stage.publish_many(4, "first")
        rig.wait_until(lambda: stage.ehr.stats()["requests"] >= 4,
                       what="calls")
        stage.vhost.delete_queue(LAB)
        worker.wait(event="state", part="intake", state="cancelled")
        rig.wait_until(lambda: LAB in stage.vhost.queues() and any(
            b["source"] == LAB for b in stage.vhost.bindings(LAB)),
                       what="the queue again, and bound")
        more = stage.publish_many(6, "more")
        self.assertTrue(rig.stays(lambda: not stage.ehr.accepted(), 3))
        stage.wait_accepted(more)
        stage.wait_empty()
        worker.wait(event="state", part="intake", state="resumed")
        self.assertEqual(len(worker.said(part="intake", state="up")), 1)


class Alarms(LiveTest):
    has_own_node = True

    def test_a_connection_made_during_an_alarm_is_blocked_too(self):
        stage = self.set_up({"status": 503}, pipeline={"prefetch": 16},
                            downstream={"concurrency": 1})
        stage.start().stop()
        stage.publish_many(40)
        self.broker.set_alarm(True)
        try:
            worker = stage.start_any()
            worker.wait(event="state", part="outlet", state="blocked")
            worker.wait(event="state", part="outlet", state="up")
            worker.wait(event="call", count=8)
            self.assertTrue(rig.stays(
                lambda: len(worker.find(event="call")) == 8, 2))
            self.assertEqual(worker.stop(timeout=15), 0)
        finally:
            self.broker.set_alarm(False)
