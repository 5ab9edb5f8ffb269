# SPDX-License-Identifier: Apache-2.0
"""Answers that are none, and what is made of each."""
from stage import LiveTest

ONCE = {"seen": "1"}


class Responses(LiveTest):

    def comes_again(self, rule, transport, error, verdict_class, status=None,
                    **settings):
        """A first call that ends so is no success, and is tried again."""
        stage, worker = self.running({**ONCE, **rule}, **settings)
        stage.publish(b"body", message_id="one")
        stage.wait_accepted(["one"])
        call = worker.wait(event="call", id="one")
        self.assertEqual(call["transport"], transport)
        self.assertEqual(call["error"], error)
        self.assertEqual(call["class"], verdict_class)
        self.assertEqual(call.get("status"), status)
        self.assertEqual(call["verdict"], "retry")
        self.assertEqual(worker.wait(event="call", count=2)["attempt"], 2)
        message = stage.ehr.messages()["one"]
        self.assertEqual(message["seen"], 2)
        self.assertEqual(len(message["keys"]), 1)
        stage.wait_empty()

    def cut(self, at, **rule):
        self.comes_again({"do": "cut", "at": at, **rule}, "cut-response",
                         "cut-response", "ambiguous",
                         status=None if at in ("headers", 17) else 200)

    def test_a_response_cut_after_its_status_line_is_no_success(self):
        self.cut(17)

    def test_a_response_cut_in_its_headers_is_no_success(self):
        self.cut("headers")

    def test_a_response_cut_in_its_body_is_no_success(self):
        self.cut("body", bytes=5000)

    def test_a_response_cut_in_its_chunks_is_no_success(self):
        self.cut("chunk")

    def test_a_connection_closed_without_an_answer_is_ambiguous(self):
        self.comes_again({"do": "close"}, "reset-after-send",
                         "reset-after-send", "ambiguous")

    def test_a_reset_after_the_request_is_ambiguous(self):
        self.comes_again({"do": "reset"}, "reset-after-send",
                         "reset-after-send", "ambiguous")

    def test_a_timeout_after_the_request_is_ambiguous(self):
        self.comes_again({"do": "hang", "seconds": 5}, "timeout-after-send",
                         "timeout-after-send", "ambiguous",
                         downstream={"timeout": "400ms"})

    def test_a_service_unavailable_is_transient(self):
        self.comes_again({"status": 503}, "complete", "unavailable",
                         "transient", status=503)

    def test_what_is_ambiguous_is_parked_where_the_policy_says_so(self):
        stage, _ = self.running({"do": "close"}, policy={"ambiguous": "park"})
        stage.publish(b"x", message_id="one")
        parked = stage.parked()[0].headers
        self.assertEqual(parked["rebound-parked-reason"], "ambiguous")
        self.assertEqual(parked["rebound-parked-class"], "ambiguous")
        self.assertEqual(stage.ehr.messages()["one"]["seen"], 1)

    def test_nobody_listening_is_transient_and_overcome(self):
        stage = self.set_up({"requests": 1, "do": "refuse", "seconds": 1.5},
                            policy={"max_attempts": 20})
        worker = stage.start()
        stage.publish(b"x", message_id="one")
        call = worker.wait(event="call", transport="connect")
        self.assertEqual((call["error"], call["class"]),
                         ("connect", "transient"))
        stage.wait_accepted(["one"])
        stage.wait_empty()

    def test_a_name_that_nobody_knows_is_transient(self):
        stage = self.set_up()
        downstreams = stage.settings["downstreams"]
        downstreams["ehr"]["url"] = "http://nobody.invalid/"
        stage.write(downstreams=downstreams)
        worker = stage.start()
        stage.publish(b"x", message_id="one")
        call = worker.wait(event="call", id="one")
        self.assertEqual((call["transport"], call["class"]),
                         ("dns", "transient"))

    def test_a_post_is_never_sent_twice_by_itself(self):
        # A kept connection that closes without an answer makes libcurl send
        # again, silently; the downstream would see one more than we count.
        stage, worker = self.running({"seen": "1", "id": "b*", "do": "close"},
                                     downstream={"concurrency": 1})
        stage.publish([("a0", b"x"), ("b0", b"y"), ("b1", b"")])
        stage.wait_accepted(["a0", "b0", "b1"])
        worker.stop()
        self.assertEqual(stage.ehr.stats()["requests"],
                         len(worker.said(event="call")))

    def test_a_long_answer_is_read_to_its_end_and_not_kept(self):
        stage, worker = self.running({"bytes": 3 << 20})
        stage.wait_accepted(stage.publish_many(4))
        stage.wait_empty()
        self.assertEqual({call["verdict"] for call
                          in worker.said(event="call")}, {"done"})
