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

    def test_without_the_right_to_write_it_the_rest_goes_on(self):
        stage = self.set_up({"seen": "1", "status": 503})
        stage.vhost.permit("worker", "^$", r"^rebound\.lab\..*$",
                           r"^rebound\.lab$")
        worker = stage.start()
        worker.wait(event="state", part="audit", state="holding")
        self.assert_all_accounted(stage, stage.publish_many(20))
        self.assertEqual(worker.stop(timeout=15), 0)


class AuditCommand(LiveTest):
    """`rebound audit`, on the trail of a worker that has ended."""

    def set_up_trail(self):
        stage, worker = self.running({"id": "m1", "seen": "1", "status": 503})
        ids = stage.publish_many(5)
        stage.wait_accepted(ids)
        worker.wait(event="verdict", id="m1", verdict="done")
        worker.stop()
        stage.log = stage.folder / "worker.log"
        stage.log.write_text("".join(json.dumps(line) + "\n"
                                     for line in worker.lines))
        return stage

    def audit(self, stage, *words, code=0):
        done = self.program("audit", words[0], "-c", stage.config, *words[1:])
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def exported(self, stage, *words):
        return self.audit(stage, "export", *words).stdout.splitlines()

    def rewrite(self, stage, lines):
        """Another trail, as whoever can log in as the worker could make it."""
        stage.vhost.delete_queue(TRAIL)
        self.assertEqual(self.program("topology", "apply", "-c",
                                      stage.config).returncode, 0)
        stage.as_user("worker").publish(
            TRAIL, "v1", "".join(line + "\n" for line in lines).encode(),
            user_id="worker")

    def verify(self, stage, *words, code=65):
        said = self.audit(stage, "verify", "--json", *words, code=code)
        *findings, total = map(json.loads, said.stdout.splitlines())
        self.assertEqual(total["findings"], len(findings) + total["foreign"])
        return findings, total

    def test_a_trail_that_is_whole_is_found_so(self):
        stage = self.set_up_trail()
        found, total = self.verify(stage, "--heads", stage.log, code=0)
        self.assertEqual(found, [])
        self.assertEqual((total["entries"], total["chains"], total["heads"],
                          total["without_end"]), (9, 1, 2, 0))
        said = self.audit(stage, "verify").stdout
        self.assertIn("9 entries in 1 chains. Nothing is missing", said)

    def test_an_entry_that_was_removed_changed_or_moved_is_found(self):
        stage = self.set_up_trail()
        lines = self.exported(stage)
        self.rewrite(stage, lines[:3] + lines[4:])
        self.assertEqual([(f["finding"], f["seq"], f["missing"])
                          for f in self.verify(stage)[0]], [("gap", 5, 1)])
        changed = lines[3].replace('"bytes":8', '"bytes":9')
        self.assertNotEqual(changed, lines[3])
        self.rewrite(stage, lines[:3] + [changed] + lines[4:])
        self.assertEqual([(f["finding"], f["seq"])
                          for f in self.verify(stage)[0]], [("changed", 5)])
        self.rewrite(stage, lines[:3] + [lines[4], lines[3]] + lines[5:])
        self.assertEqual([f["finding"] for f in self.verify(stage)[0]][:2],
                         ["gap", "order"])

    def test_an_end_that_was_cut_off_is_found_by_the_log(self):
        stage = self.set_up_trail()
        lines = self.exported(stage)
        self.rewrite(stage, lines[:-1])
        self.assertEqual(self.verify(stage, code=0)[1]["without_end"], 1)
        self.assertEqual([f["finding"] for f in self.verify(
            stage, "--heads", stage.log)[0]], ["no-head"])

    def test_who_publishes_for_another_is_found(self):
        stage = self.set_up_trail()
        lines = self.exported(stage)
        stage.vhost.delete_queue(TRAIL)
        self.program("topology", "apply", "-c", stage.config)
        stage.as_user("guest").publish(TRAIL, "v1",
                                       "\n".join(lines).encode())
        found, total = self.verify(stage)
        self.assertEqual((found, total["foreign"]), ([], 1))

    def test_what_is_exported_stays_and_can_be_of_a_time(self):
        stage = self.set_up_trail()
        lines = self.exported(stage)
        self.assertEqual(len(lines), 9)
        self.assertEqual(self.exported(stage), lines)
        at = json.loads(lines[4])["at"]
        before = self.exported(stage, "--until", at)
        after = self.exported(stage, "--since", at)
        self.assertEqual(before + after, lines)
        self.assertIn(lines[4], after)

    def test_what_cannot_be_is_said(self):
        stage = self.set_up()
        said = self.audit(stage, "verify", code=78).stderr
        self.assertIn("rebound topology apply", said)
        for words, said in ((("export", "--json"), "go with verify"),
                            (("verify", "--since", "2026-11-24T09:00:00Z"),
                             "go with export"),
                            (("export", "--since", "now"), "takes a time"),
                            (("look",), "verify or export")):
            self.assertIn(said, self.audit(stage, *words, code=64).stderr)
        stage.write(audit="off")
        self.assertIn("off", self.audit(stage, "verify", code=78).stderr)
