# SPDX-License-Identifier: Apache-2.0
"""What a downstream is shown, and secrets that are replaced while a worker
runs. None of them is ever in what it says."""
import json
import os

import rig
from stage import LiveTest

OLD, NEW = "0ld-secret-token", "n3w-secret-token"


def refuses(token, status=401):
    return {"header": {"Authorization": f"Bearer {token}"}, "status": status}


class Credentials(LiveTest):

    def with_token(self, *rules):
        """A stage whose downstream gets the token in a file, and a worker."""
        stage = self.set_up(*rules)
        stage.token = stage.folder / "token"
        self.put(stage, OLD)
        stage.write(downstreams={"ehr": {
            "url": stage.ehr.url(), "auth": {"bearer_file": "token"}}})
        return stage, stage.start()

    @staticmethod
    def put(stage, token):
        """As it is done where it may be read at any moment."""
        new = stage.folder / "token.new"
        new.write_text(token + "\n")
        new.chmod(0o600)
        os.replace(new, stage.token)

    def assert_secret(self, worker):
        said = json.dumps(worker.lines) + worker.complaints()
        self.assertNotIn(OLD, said)
        self.assertNotIn(NEW, said)

    def test_a_token_that_is_replaced_is_used_without_a_restart(self):
        stage, worker = self.with_token()
        stage.publish(b"x", message_id="before")
        stage.wait_accepted(["before"])
        self.put(stage, NEW)
        sent = []

        def is_shown():
            sent.append(f"m{len(sent)}")
            stage.publish(b"x", message_id=sent[-1])
            stage.wait_accepted(sent)
            request, = stage.ehr.requests(sent[-1])
            return request["headers"]["authorization"] == f"Bearer {NEW}"
        rig.wait_until(is_shown, 5, stage.story, every=0.1)
        request, = stage.ehr.requests("before")
        self.assertEqual(request["headers"]["authorization"], f"Bearer {OLD}")
        self.assertIn("has changed", worker.wait(state="credential")["text"])
        self.assert_secret(worker)

    def test_a_refusal_that_a_new_token_mends_is_no_failure(self):
        stage, worker = self.with_token(refuses(OLD))
        stage.ehr.rules()
        stage.publish(b"x", message_id="first")  # it has just looked
        stage.wait_accepted(["first"])
        stage.ehr.rules(refuses(OLD))
        self.put(stage, NEW)
        stage.publish(b"x", message_id="second")
        stage.wait_accepted(["second"])
        call = worker.wait(event="call", id="second")
        self.assertEqual((call["status"], call["attempt"]), (200, 1))
        self.assert_secret(worker)

    def test_a_refusal_stands_where_no_new_token_is(self):
        stage, worker = self.with_token(refuses(OLD, 403))
        stage.publish(b"x", message_id="one")
        self.assertEqual(stage.parked()[0].id, "one")
        self.assertEqual(worker.wait(event="call")["status"], 403)
        self.assertEqual(stage.ehr.stats()["requests"], 1)
        self.assert_secret(worker)

    def test_secrets_may_come_from_the_environment_and_are_masked(self):
        stage = self.set_up()
        stage.write(downstreams={"ehr": {"url": stage.ehr.url(), "auth": {
            "basic": {"user": "rebound", "password_env": "EHR_PASSWORD"}}}})
        worker = stage.start_any(environment={"EHR_PASSWORD": OLD})
        worker.wait_ready()
        stage.publish(b"x", message_id="one")
        stage.wait_accepted(["one"])
        request, = stage.ehr.requests("one")
        self.assertTrue(
            request["headers"]["authorization"].startswith("Basic "))
        self.assert_secret(worker)
