# SPDX-License-Identifier: Apache-2.0
"""Copies that the broker does not take."""
from stage import LAB, LiveTest

MIB = 1024 * 1024


class Copies(LiveTest):
    has_own_node = True  # it changes what the whole node takes

    def set_maximum(self, size):
        self.broker.ctl("eval", "application:set_env(rabbit, "
                        f"max_message_size, {size}).")

    def test_one_over_the_brokers_maximum_is_parked_and_stops_no_other(self):
        stage, worker = self.running({"seen": "1", "status": 503},
                                     pipeline={"prefetch": 20},
                                     downstream={"timeout": "30s"})
        # The limit is lowered while they are with the downstream: what could
        # still be published as a message cannot be published as a copy.
        stage.ehr.rules({"seen": "1", "status": 503, "delay": 12},
                        {"delay": 0})
        stage.publish([(f"small{i}", b"x") for i in range(5)]
                      + [("large", b"x" * (2 * MIB))]
                      + [(f"tiny{i}", b"x") for i in range(5)])
        worker.wait(event="state", part="outlet", state="up")
        try:
            self.set_maximum(MIB)
            stage.vhost.close_connections("outlet")
            parked = stage.parked()[0]
            self.assertEqual(parked.id, "large")
            self.assertEqual(len(parked.body), 2 * MIB)
            self.assertEqual(parked.headers["x-death"][0]["reason"],
                             "rejected")
            stage.wait_accepted([f"{n}{i}" for n in ("small", "tiny")
                                 for i in range(5)])
        finally:
            self.set_maximum(134217728)
        worker.wait(event="state", part="engine", state="rejected")
        stage.wait_empty()
        self.assertEqual(stage.ehr.messages()["large"]["seen"], 1)
        self.assertEqual(worker.said(event="state", part="intake",
                                     state="down"), [])
