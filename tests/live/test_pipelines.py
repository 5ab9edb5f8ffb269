# SPDX-License-Identifier: Apache-2.0
"""Several pipelines, and sources that belong to others."""
import rig
from stage import POLICY, LiveTest


class Pipelines(LiveTest):

    def two(self, lab_rules, **source):
        """lab and billing, each with a downstream of its own."""
        stage = self.set_up(*lab_rules)
        stage.billing = stage.downstream()
        stage.write(
            downstreams={"ehr": {"url": stage.ehr.url()},
                         "ledger": {"url": stage.billing.url()}},
            pipelines={
                "lab": {**source, "deliver_to": ["ehr"], "policy": "brisk"},
                "billing": {**source, "deliver_to": ["ledger"],
                            "policy": "brisk"}},
            policies={"brisk": POLICY})
        stage.permit()
        return stage

    def test_a_retry_of_one_pipeline_is_never_seen_by_another(self):
        stage = self.two([{"seen": "1-2", "status": 503}], source={
            "exchange": "clinical", "keys": ["lab.#"]})
        owner = stage.as_user("guest")
        owner.declare_exchange("clinical")
        owner.declare_queue("innocent")
        owner.bind_queue("innocent", "clinical", "#")
        stage.start()
        owner.publish("clinical", "lab.result", [("one", b"x"), ("two", b"y")])
        stage.wait_accepted(["one", "two"])
        stage.wait_accepted(["one", "two"], downstream=stage.billing)
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 3)
        self.assertEqual(stage.billing.messages()["one"]["seen"], 1)
        self.assertEqual(len(owner.drain("innocent")), 2)
        stage.wait_empty()

    def test_only_the_keys_of_a_pipeline_are_taken(self):
        stage = self.set_up(pipeline={"source": {
            "exchange": "clinical", "keys": ["lab.#", "*.urgent"]}})
        owner = stage.as_user("guest")
        owner.declare_exchange("clinical")
        owner.declare_queue("all")
        owner.bind_queue("all", "clinical", "#")
        stage.start()
        for key in ("lab.a", "adt.urgent", "adt.usual", "lab.urgent"):
            owner.publish("clinical", key, [(key, b"x")])
        stage.wait_accepted(["lab.a", "adt.urgent", "lab.urgent"])
        stage.wait_accepted([])
        self.assertEqual(stage.ehr.stats()["requests"], 3)

    def test_one_pipeline_can_be_run_alone(self):
        stage = self.two([])
        applied = stage.program("topology", "apply", "-c", stage.config)
        self.assertEqual(applied.returncode, 0, applied.stderr)
        stage.start("--pipeline", "billing", pipelines=1)
        stage.publish(b"x", message_id="a", exchange="rebound.lab.in")
        stage.publish(b"x", message_id="b", exchange="rebound.billing.in")
        stage.wait_accepted(["b"], downstream=stage.billing)
        rig.wait_until(lambda: stage.vhost.depth("rebound.lab") == 1,
                       what="the message that nobody takes")
        self.assertEqual(stage.ehr.stats()["requests"], 0)
        stage.start("--pipeline", "lab", pipelines=1)
        stage.wait_accepted(["a"])

    def test_several_workers_share_one_queue(self):
        stage = self.set_up({"delay": 0.02}, downstream={"concurrency": 2},
                            pipeline={"prefetch": 2})
        workers = [stage.start(), stage.start()]
        ids = stage.publish_many(60)
        self.assert_all_accounted(stage, ids)
        self.assertEqual(stage.ehr.stats()["requests"], 60)
        for worker in workers:
            self.assertGreater(len(worker.said(event="verdict")), 5)

    def foreign(self, *rules, **arguments):
        """A pipeline that takes from a queue of somebody else."""
        stage = self.set_up(*rules,
                            pipeline={"source": {"queue": "their-results"}})
        stage.as_user("guest").declare_queue("their-results", **arguments)
        return stage

    def test_a_queue_of_somebody_else_is_consumed_and_left_alone(self):
        stage = self.foreign({"seen": "1", "status": 503})
        before = stage.vhost.queues()["their-results"]["arguments"]
        stage.start()
        stage.as_user("guest").publish("", "their-results", [("one", b"x")])
        stage.wait_accepted(["one"])
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 2)
        self.assertEqual(stage.vhost.queues()["their-results"]["arguments"],
                         before)
        self.assertNotIn("rebound.lab", stage.vhost.queues())
        stage.wait_empty()

    def test_what_came_by_a_queue_of_somebody_else_is_parked_too(self):
        stage = self.foreign({"status": 400}, x_queue_type="quorum")
        stage.start()
        stage.as_user("guest").publish("", "their-results", [("one", b"x")])
        parked = stage.parked()[0]
        self.assertEqual(parked.headers["rebound-parked-reason"], "permanent")
        self.assertEqual(parked.headers["rebound-origin-key"],
                         "their-results")
