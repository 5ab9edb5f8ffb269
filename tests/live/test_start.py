# SPDX-License-Identifier: Apache-2.0
"""Starting: what is refused with a sentence, and what is waited for."""
import time

import rig
from stage import LAB, LiveTest


def out_of_reach(worker):
    """Where it said that the broker does not answer."""
    return [said for said in worker.said(event="state")
            if "cannot be reached" in said.get("text", "")]


class Start(LiveTest):

    def refused(self, stage, code, *words):
        """The worker ends with this code, and says these words."""
        worker = stage.start_any()
        rig.wait_until(lambda: worker.process.poll() is not None, 20,
                       worker.story)
        self.assertEqual(worker.wait_end(), code, worker.story())
        said = worker.complaints()
        for word in words:
            self.assertIn(word, said)
        self.assertLessEqual(len(said.strip().splitlines()), 3, said)
        self.assertNotIn(stage.broker.passwords["worker"], said)

    def test_wrong_credentials_are_refused_with_the_mend(self):
        stage = self.set_up()
        stage.write(broker={"password": "wr0ng-secret"}, declare=False)
        self.refused(stage, 77, "worker", "broker.password")
        self.assertNotIn("wr0ng-secret", stage.story())

    def test_an_unknown_vhost_is_refused_with_the_mend(self):
        stage = self.set_up()
        stage.write(broker={"vhost": "nowhere"})
        self.refused(stage, 77, "nowhere")

    def test_a_missing_right_to_read_is_refused_with_the_mend(self):
        stage = self.set_up()
        stage.vhost.permit("worker", "^$", r"^rebound\.lab\..*$", "^$")
        self.refused(stage, 77, LAB, "read", "set_permissions")

    def test_a_missing_right_to_write_is_refused_with_the_mend(self):
        stage = self.set_up()
        stage.vhost.permit("worker", "^$", "^$", r"^rebound\.lab$")
        self.refused(stage, 77, LAB, "permission")

    def test_a_declarer_without_rights_is_refused_with_the_mend(self):
        stage = self.set_up()
        stage.vhost.permit("declarer", "^$", "^$", "^$")
        self.refused(stage, 77, "configure", "set_permissions")

    def test_a_business_exchange_that_is_missing_is_said(self):
        stage = self.set_up(pipeline={"source": {
            "exchange": "clinical-events", "keys": ["lab.#"]}})
        self.refused(stage, 78, "clinical-events")

    def test_a_queue_with_other_arguments_is_explained(self):
        stage = self.set_up()
        stage.as_user("guest").declare_queue(
            LAB, x_queue_type="quorum", x_delivery_limit=5)
        self.refused(stage, 78, LAB, "x-")

    def test_an_error_in_the_configuration_ends_with_78(self):
        stage = self.set_up()
        stage.write(colour="blue")
        self.refused(stage, 78, "colour", str(stage.config))

    def test_a_broker_that_does_not_answer_is_waited_for(self):
        stage = self.set_up()
        dead = rig.free_ports(1)[0]
        stage.write(broker={"nodes": [f"amqp://127.0.0.1:{dead}"]})
        worker = stage.start_any()
        rig.wait_until(lambda: out_of_reach(worker), what=worker.story)
        time.sleep(2.5)
        self.assertIsNone(worker.process.poll())
        said = out_of_reach(worker)
        self.assertEqual(len(said), len({one["part"] for one in said}),
                         "each part says it once")
        self.assertEqual(worker.stop(), 0)

    def test_of_two_nodes_the_one_that_lives_is_used(self):
        stage = self.set_up()
        dead = rig.free_ports(1)[0]
        stage.write(broker={"nodes": [
            f"amqp://127.0.0.1:{dead}",
            f"amqp://127.0.0.1:{stage.broker.port}"]})
        for number in range(3):
            worker = stage.start()
            stage.publish(b"x", message_id=f"m{number}")
            stage.wait_accepted([f"m{number}"])
            self.assertEqual(worker.stop(), 0)

    def test_an_unknown_pipeline_is_wrong_usage(self):
        stage = self.set_up()
        worker = stage.start_any("--pipeline", "nobody")
        self.assertEqual(worker.wait_end(20), 64)
        self.assertIn("nobody", worker.complaints())

    def test_without_declaring_what_is_missing_is_said(self):
        stage = self.set_up(declare=False)
        self.refused(stage, 78, LAB)
        self.assertEqual(stage.vhost.queues(), {})

    def test_without_declaring_what_was_applied_suffices(self):
        stage = self.set_up(declare=False)
        applied = stage.program("topology", "apply", "-c", stage.config)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        # Not even the declarer's password is at hand any more.
        stage.write(broker={"admin": None})
        stage.start()
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])

    def test_applying_twice_changes_nothing(self):
        stage = self.set_up()
        for _ in range(2):
            applied = stage.program("topology", "apply", "-c", stage.config)
            self.assertEqual(applied.returncode, 0, applied.stderr)

    def test_the_worker_can_do_nothing_but_its_work(self):
        stage, _ = self.running()
        worker = stage.as_user("worker")
        for attempt in (
                lambda: worker.publish(LAB, "k", b"x"),
                lambda: worker.publish(LAB + ".in", "k", b"x"),
                lambda: worker.publish("", LAB, b"x"),
                lambda: worker.get(LAB + ".parking"),
                lambda: worker.declare_queue("mine")):
            with self.assertRaisesRegex(Exception, "ACCESS_REFUSED"):
                attempt()

    def test_the_operator_can_read_and_replay_and_no_more(self):
        stage, _ = self.running({"seen": "1", "status": 400})
        stage.publish(b"x", message_id="one")
        parked = stage.parked()[0]
        operator = stage.as_user("operator")
        for attempt in (
                lambda: operator.get(LAB),
                lambda: operator.publish(LAB + ".in", "k", b"x"),
                lambda: operator.publish(LAB + ".parking", "k", b"x"),
                lambda: operator.declare_queue("mine")):
            with self.assertRaisesRegex(Exception, "ACCESS_REFUSED"):
                attempt()
        operator.publish(LAB, parked.key, parked.body, message_id="one")
        stage.wait_accepted(["one"])

    def test_connections_say_who_they_are(self):
        stage, worker = self.running()
        names = stage.vhost.connections()
        pid = str(worker.process.pid)
        for role in ("intake", "outlet"):
            self.assertTrue(any(name.startswith("rebound/") and pid in name
                                and name.endswith(role) for name in names),
                            names)
