# SPDX-License-Identifier: Apache-2.0
"""`rebound parked`: what waits for a person is read, and stays as it is."""
import json
import resource
import time

import pika
import rig
from stage import LAB
from test_commands import CommandTest

PARKING = LAB + ".parking"
MANY = 20500  # more than one consumer gets


class Parked(CommandTest):

    def parked(self, count=3):
        """A stage on which a worker has parked m0, m1, ... in this order."""
        stage = self.set_up({"status": 422}, pipeline={"prefetch": 1})
        worker = stage.start()
        stage.publish_many(count, type="lab.result",
                           headers={"ward": "north"})
        rig.wait_until(lambda: self.depth(stage) == count, 20,
                       what=f"{count} parked messages")
        worker.retire()
        return stage

    def depth(self, stage):
        return stage.vhost.depths().get(PARKING, 0)

    def filled(self, count):
        """A stage with messages in parking that no worker has seen."""
        stage = self.set_up()
        self.apply(stage)
        # Not one by one confirmed: that takes a minute where there are many.
        with stage.as_user("guest").channel() as channel:
            for i in range(count):
                channel.basic_publish(
                    PARKING, "lab.result", b'{"n": %d}' % i,
                    properties=pika.BasicProperties(message_id=f"m{i}",
                                                    delivery_mode=2))
        rig.wait_until(lambda: self.depth(stage) == count, 60,
                       what=f"{count} parked messages")
        return stage

    def lines(self, stage, *words):
        said = self.run_it(stage, "parked", *words, "--json").stdout
        return [json.loads(line) for line in said.splitlines()]

    def ids(self, stage, *words):
        return [line["id"] for line in self.lines(stage, "list", *words)]

    def test_reading_changes_neither_messages_nor_their_order(self):
        stage = self.parked()
        for _ in range(3):
            self.assertEqual(self.ids(stage), ["m0", "m1", "m2"])
        self.assertEqual(self.depth(stage), 3)
        self.assertEqual(self.ids(stage, "--newest"), ["m2", "m1", "m0"])
        self.assertEqual(self.ids(stage, "--newest", "--limit", "2"),
                         ["m2", "m1"])
        self.assertEqual(self.ids(stage, "--limit", "2"), ["m0", "m1"])

    def test_a_line_says_what_became_of_the_message(self):
        stage = self.parked(1)
        line, = self.lines(stage, "list")
        self.assertEqual(
            {key: line[key] for key in ("id", "type", "reason", "class",
                                        "downstream", "by_broker", "size")},
            {"id": "m0", "type": "lab.result", "reason": "permanent",
             "class": "permanent", "downstream": "ehr", "by_broker": False,
             "size": 8})
        self.assertLess(abs(time.time() * 1000 - line["parked_at_ms"]), 60000)
        table = self.run_it(stage, "parked", "list").stdout
        self.assertIn("m0 ", table)

    def test_filters_are_exact(self):
        stage = self.parked()
        for words, wanted in (
                (("--id", "m1"), ["m1"]),
                (("--type", "lab.result"), ["m0", "m1", "m2"]),
                (("--type", "lab"), []),
                (("--reason", "permanent", "--id", "m2"), ["m2"]),
                (("--reason", "age"), []),
                (("--downstream", "ehr", "--limit", "1"), ["m0"]),
                (("--where", "ward=north"), ["m0", "m1", "m2"]),
                (("--where", "ward=south"), []),
                (("--older-than", "1h"), []),
                (("--newer-than", "1h"), ["m0", "m1", "m2"])):
            self.assertEqual(self.ids(stage, *words), wanted, words)

    def test_groups_are_counted(self):
        stage = self.parked()
        group, = self.lines(stage, "count", "--by", "reason,downstream")
        self.assertEqual(group, {"reason": "permanent", "downstream": "ehr",
                                 "count": 3})
        self.assertIn("3  in all",
                      self.run_it(stage, "parked", "count").stdout)

    def test_show_tells_the_story_and_the_body_if_asked(self):
        stage = self.parked()
        said = self.run_it(stage, "parked", "show", "m1").stdout
        for part in ("permanent", "ehr: failed", "status 422", "ward: north",
                     "a worker"):
            self.assertIn(part, said)
        self.assertNotIn('"n"', said)
        self.assertEqual(
            self.run_it(stage, "parked", "show", "m1", "--body").stdout,
            '{"n": 1}')
        said = self.complaint(stage, "parked", "show", "m9", code=66)
        self.assertIn("no such message", said)

    def test_what_no_worker_parked_is_read_too(self):
        stage = self.filled(1)
        line, = self.lines(stage, "list")
        self.assertEqual((line["id"], line["reason"], line["by_broker"]),
                         ("m0", "unroutable", True))
        self.assertIn("not called yet",
                      self.run_it(stage, "parked", "show", "m0").stdout)

    def test_an_empty_queue_is_said(self):
        stage = self.filled(0)
        self.assertIn("No such", self.run_it(stage, "parked", "list").stdout)
        self.assertEqual(self.lines(stage, "list"), [])

    def test_wrong_usage_and_missing_rights_are_said(self):
        stage = self.filled(0)
        for words in ((), ("shred",), ("list", "--by", "type"),
                      ("count", "--by", "colour"), ("show",),
                      ("list", "--limit", "0"), ("list", "--where", "x"),
                      ("list", "--older-than", "soon"), ("list", "m1")):
            self.complaint(stage, "parked", *words, code=64)
        stage.write(broker={"operator": stage.login("rebound-publisher")})
        self.complaint(stage, "parked", "list", code=77)

    def test_many_are_listed_in_bounded_memory(self):
        stage = self.filled(MANY)
        began = time.monotonic()
        self.assertEqual(self.ids(stage), [f"m{i}" for i in range(MANY)])
        took = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"{MANY} listed in {took:.1f} s, peak {peak} KiB")
        self.assertEqual(self.ids(stage, "--limit", "3"), ["m0", "m1", "m2"])
        rig.wait_until(lambda: self.depth(stage) == MANY, 20,
                       what="all of them back")
