# SPDX-License-Identifier: Apache-2.0
"""What breaks while messages move: nothing is lost."""
import signal
import time

import rig
from stage import LAB, LANE, LiveTest

# Enough attempts that nothing is parked by bad luck.
STUBBORN = {"max_attempts": 200}
SOMETIMES = {"share": 0.3, "status": 503}


class Trouble(LiveTest):

    def test_workers_killed_under_load_lose_nothing(self):
        stage = self.set_up(SOMETIMES, {"delay": 0.01}, policy=STUBBORN)
        stage.start()
        ids = stage.publish_many(400)
        for _ in range(6):
            time.sleep(0.25)
            stage.workers[-1].signal(signal.SIGKILL)
            stage.workers[-1].wait_end()
            stage.start_any()
        self.assert_all_accounted(stage, ids)
        seen = stage.ehr.messages().values()
        twice = sum(m["accepted"] > 1 for m in seen)
        self.remark = f"400 messages, 6 kills, {twice} delivered twice"
        self.assertTrue(all(len(m["keys"]) == 1 for m in seen))

    def test_a_deleted_source_queue_is_declared_and_consumed_again(self):
        stage, worker = self.running()
        stage.vhost.delete_queue(LAB)
        worker.wait(event="state", part="intake", state="cancelled")
        rig.wait_until(lambda: any(b["source"] == LAB for b
                                   in stage.vhost.bindings(LAB)),
                       what="the queue to be declared again")
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])
        self.assertIsNone(worker.process.poll())

    def test_a_queue_deleted_and_declared_by_another_is_consumed_again(self):
        stage = self.set_up(declare=False)
        apply = ("topology", "apply", "-c", stage.config)
        self.assertEqual(stage.program(*apply).returncode, 0)
        worker = stage.start()
        stage.vhost.delete_queue(LAB)
        worker.wait(event="state", part="intake", state="cancelled")
        time.sleep(1)
        self.assertEqual(stage.program(*apply).returncode, 0)
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"], timeout=40)

    def test_without_its_lane_a_delivery_stays_unacked_and_is_said_once(self):
        stage = self.set_up({"seen": "1", "status": 503}, declare=False)
        apply = ("topology", "apply", "-c", stage.config)
        self.assertEqual(stage.program(*apply).returncode, 0)
        worker = stage.start()
        stage.vhost.delete_queue(f"{LAB}.delay.{LANE}")
        ids = stage.publish_many(5)
        worker.wait(event="state", state="holding")
        time.sleep(2.5)
        self.assertEqual(len(worker.said(event="state", state="holding")), 1)
        self.assertEqual(worker.said(event="verdict"), [])
        self.assertEqual(stage.vhost.depth(LAB), 5)
        self.assertEqual(stage.ehr.stats()["requests"], 5)
        self.assertEqual(stage.program(*apply).returncode, 0)
        worker.wait(event="state", state="moving")
        self.assert_all_accounted(stage, ids)

    def test_a_worker_that_declares_mends_its_lane_itself(self):
        stage, worker = self.running({"seen": "1", "status": 503})
        stage.vhost.delete_queue(f"{LAB}.delay.{LANE}")
        ids = stage.publish_many(5)
        self.assert_all_accounted(stage, ids)
        self.assertLessEqual(
            len(worker.said(event="state", state="holding")), 1)

    def test_connections_closed_by_the_broker_lose_nothing(self):
        stage, worker = self.running(SOMETIMES, {"delay": 0.02},
                                     policy=STUBBORN,
                                     downstream={"concurrency": 8})
        ids = stage.publish_many(300)
        for part in ("intake", "outlet", "rebound/"):
            time.sleep(0.3)
            self.assertGreater(stage.vhost.close_connections(part), 0)
        self.assert_all_accounted(stage, ids)
        self.assertIsNone(worker.process.poll())

    def test_a_delivery_of_a_lost_connection_is_not_acked_on_the_new_one(self):
        stage, worker = self.running({"id": "slow", "seen": "1", "delay": 12},
                                     downstream={"timeout": "20s"})
        [intake] = [pid for name, pid in stage.vhost.connections().items()
                    if "intake" in name]
        stage.publish(b"x", message_id="slow")
        rig.wait_until(lambda: stage.ehr.stats()["requests"] == 1,
                       what="the call")
        mark = worker.mark()
        self.broker.ctl("close_connection", intake, "closed by a test")
        worker.wait(event="state", part="intake", state="up", since=mark)
        # The new connection numbers its deliveries from 1 as well: an old
        # tag, acked on it, would be a message that nobody has delivered yet.
        stage.publish([("a", b"x"), ("b", b"y")])
        stage.wait_accepted(["a", "b", "slow"], timeout=30)
        stage.wait_empty()
        worker.wait(event="call", id="slow", verdict="void")
        # Its second delivery is acked for the call that the first one made.
        self.assertEqual(stage.ehr.messages()["slow"]["seen"], 1)
        downs = worker.said(event="state", part="intake", state="down")
        self.assertEqual(len(downs), 1, "an ack of an unknown tag closes it")

    def test_a_message_that_kills_workers_is_parked_in_the_end(self):
        stage = self.set_up({"id": "deadly", "delay": 20})
        stage.start()
        stage.publish(b"x", message_id="deadly")
        for _ in range(12):
            rig.wait_until(lambda: stage.ehr.stats()["requests"]
                           or stage.vhost.depth(LAB + ".parking"),
                           what="the call")
            stage.ehr.ask("DELETE", "/_stats")
            if stage.vhost.depth(LAB + ".parking"):
                break
            stage.workers[-1].kill()
            stage.start_any()
        parked = stage.parked()[0]
        self.assertEqual(parked.headers["rebound-parked-reason"], "suspect")


class Outages(LiveTest):
    has_own_node = True  # a node that was killed may refuse new queues for long

    def under_load(self, break_it):
        stage, worker = self.running(SOMETIMES, {"delay": 0.01},
                                     policy=STUBBORN)
        ids = stage.publish_many(400)
        rig.wait_until(lambda: stage.ehr.stats()["accepted"] > 50,
                       what="some deliveries")
        break_it()
        stage.broker.run()
        self.assert_all_accounted(stage, ids)
        self.assertIsNone(worker.process.poll())
        for part in ("intake", "outlet"):
            downs = worker.said(event="state", part=part, state="down")
            self.assertLessEqual(len(downs), 3, downs)
        seen = stage.ehr.messages().values()
        twice = sum(m["accepted"] > 1 for m in seen)
        self.remark = f"400 messages, {twice} delivered twice"

    def test_a_broker_restarted_under_load_loses_nothing(self):
        self.under_load(self.broker.stop)

    def test_a_broker_killed_under_load_loses_nothing(self):
        self.under_load(self.broker.kill)

    def test_a_broker_stopped_for_longer_than_a_delay_loses_nothing(self):
        stage, worker = self.running(
            {"seen": "1", "status": 503},
            policy={"schedule": {"kind": "fixed", "first": "4s"}})
        ids = stage.publish_many(200)
        worker.wait(event="verdict", verdict="retry", count=200)
        lane = f"{LAB}.delay.v1.ehr.4s"
        rig.wait_until(lambda: stage.vhost.depth(lane) > 0,
                       what="messages in the lane")
        self.broker.stop()
        time.sleep(5)
        self.broker.run()
        self.assert_all_accounted(stage, ids)

    def test_under_an_alarm_deliveries_and_acks_go_on(self):
        stage, worker = self.running(
            {"id": "f*", "seen": "1", "status": 503}, pipeline={"prefetch": 20},
            downstream={"concurrency": 20, "timeout": "60s"})
        # The publisher's connection is blocked too: what is to be delivered
        # has to be there before. Calls wait until the alarm is on, which
        # takes seconds on a busy machine.
        stage.ehr.rules({"id": "f*", "seen": "1", "status": 503, "delay": 10},
                        {"delay": 10, "id": "m?"}, {"delay": 0.05})
        failing = stage.publish_many(3, "f")
        fine = stage.publish_many(40, "m")
        self.broker.set_alarm(True)
        try:
            worker.wait(event="state", part="outlet", state="blocked")
            stage.wait_accepted(fine)
            rig.wait_until(lambda: stage.vhost.depth(LAB) == 3,
                           what=lambda: f"acks, {stage.vhost.depths()}")
            self.assertEqual(len(worker.said(event="state",
                                             state="blocked")), 1)
        finally:
            self.broker.set_alarm(False)
        worker.wait(event="state", part="outlet", state="unblocked")
        self.assert_all_accounted(stage, failing | fine)

    def test_a_broker_that_hangs_is_left_and_found_again(self):
        stage, worker = self.running(SOMETIMES, policy=STUBBORN,
                                     broker={"heartbeat": "2s"})
        ids = stage.publish_many(20)
        stage.wait_accepted(ids)
        mark = worker.mark()
        self.broker.freeze()
        try:
            worker.wait(event="state", part="intake", state="down",
                        since=mark, timeout=30)
        finally:
            self.broker.thaw()
        worker.wait(event="state", part="intake", state="up", since=mark,
                    timeout=30)
        ids = stage.publish_many(20, "n")
        self.assert_all_accounted(stage, ids)
