# SPDX-License-Identifier: Apache-2.0
"""`rebound publish` as a person uses it."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import rabbit
import rig
from stage import LAB
from test_commands import EVENTS, CommandTest

MANY = 30000


class PublishTest(CommandTest):
    """What publishing is tested with."""

    def set_up_publisher(self, **settings):
        """A stage without a worker, that the publisher publishes to."""
        stage = self.set_up(**settings)
        self.be_publisher(stage)
        return stage

    def be_publisher(self, stage):
        stage.write(broker={"publisher": stage.login("rebound-publisher")})

    def applied(self, **settings):
        stage = self.set_up_publisher(**settings)
        self.apply(stage)
        return stage

    def file(self, stage, name="result.json", body=b'{"n": 1}'):
        path = stage.folder / name
        path.write_bytes(body)
        return path

    def waiting(self, stage, queue=LAB):
        return stage.as_user("guest").drain(queue)

    def start(self, stage, *words, **pipes):
        process = rig.spawn(
            [self.program.path, "publish", "-c", stage.config, *words],
            stdout=subprocess.PIPE, text=True, **pipes)
        self.addCleanup(process.stdout.close)
        self.addCleanup(rig.end, process, signal.SIGKILL)
        return process

    def on_terminal(self, stage, *words):
        """The command with a terminal as its standard error, which comes
        back beside it."""
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        process = self.start(stage, *words, stderr=its,
                             stdin=subprocess.DEVNULL)
        os.close(its)
        return process, ours

    def read_until(self, terminal, pattern):
        """What it shows, up to that; all that it shows, without one."""
        shown = ""
        while pattern is None or not re.search(pattern, shown):
            if not select.select([terminal], [], [], 20)[0]:
                self.fail(f"no {pattern} in {shown!r}")
            try:
                shown += os.read(terminal, 4096).decode()
            except OSError:  # the other end is closed
                break
        return shown


class Publish(PublishTest):

    def test_files_and_standard_input_are_messages(self):
        stage = self.applied()
        one = self.file(stage)
        two = self.file(stage, "two.hl7", b"MSH|^~\\&|\r\xff\0")
        done = subprocess.run(
            [self.program.path, "publish", "-c", stage.config, one, "-", two],
            input=b"from a pipe", capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, b"")
        self.assertIn(b"3 of 3 messages are published", done.stdout)
        found = self.waiting(stage)
        self.assertEqual([m.body for m in found],
                         [b'{"n": 1}', b"from a pipe", b"MSH|^~\\&|\r\xff\0"])
        self.assertEqual([m.properties.content_type for m in found],
                         ["application/json", "application/octet-stream",
                          "x-application/hl7-v2+er7"])
        self.assertEqual(len({m.id for m in found}), 3)
        for message in found:
            self.assertEqual(message.properties.delivery_mode, 2)
            self.assertRegex(message.id, r"^[0-9a-f-]{36}$")

    def test_options_set_what_they_name(self):
        stage = self.applied()
        said = self.run_it(
            stage, "publish", "--type", "lab.result", "--key", "lab.a.b",
            "--id", "one", "-H", "ward=7 b", "--header", "empty=",
            "--content-type", "text/x-any", self.file(stage)).stdout
        self.assertIn("Message one is published", said)
        message = self.waiting(stage)[0]
        self.assertEqual(message.key, "lab.a.b")
        self.assertEqual(message.properties.type, "lab.result")
        self.assertEqual(message.properties.content_type, "text/x-any")
        for name, value in (("ward", "7 b"), ("empty", "")):
            self.assertEqual(message.headers.entries[name],
                             rabbit.text(value))

    def test_a_worker_delivers_what_was_published(self):
        stage = self.set_up_publisher()
        stage.start()
        said = self.run_json(stage, "publish", self.file(stage))
        stage.wait_accepted([said["messages"][0]["id"]])

    def test_json_tells_what_became_of_each(self):
        stage = self.applied()
        one, two = self.file(stage), self.file(stage, "two", b"")
        said = self.run_json(stage, "publish", one, two)
        self.assertEqual((said["confirmed"], said["failed"]), (2, 0))
        self.assertEqual([(m["file"], m["result"]) for m in said["messages"]],
                         [(str(one), "confirmed"), (str(two), "confirmed")])
        self.assertEqual({m["id"] for m in said["messages"]},
                         {m.id for m in self.waiting(stage)})

    def test_what_no_queue_takes_is_named(self):
        stage = self.set_up_publisher(pipeline=EVENTS)
        stage.as_user("guest").declare_exchange("clinical-events")
        self.apply(stage)
        one = self.file(stage)
        done = self.run_it(stage, "publish", "-k", "rad.image", one, code=69)
        self.assertIn(f"returned: {one}, id ", done.stderr)
        self.assertIn("keys of the pipeline", done.stderr)
        self.assertIn("0 of 1 messages are published", done.stdout)

    def test_what_a_full_queue_refuses_is_named(self):
        stage = self.set_up_publisher(pipeline={
            "source": {**EVENTS["source"], "queue": "theirs"}})
        guest = stage.as_user("guest")
        guest.declare_exchange("clinical-events")
        guest.declare_queue("theirs", x_max_length=1,
                            x_overflow="reject-publish")
        self.apply(stage)
        one, two = self.file(stage), self.file(stage, "two.json")
        done = self.run_it(stage, "publish", "--json", one, two, code=69)
        self.assertRegex(done.stderr, rf"^refused: {two}, id .*\n.*full")
        said = json.loads(done.stdout)
        self.assertEqual([m["result"] for m in said["messages"]],
                         ["confirmed", "refused"])
        self.assertEqual(len(self.waiting(stage, "theirs")), 1)

    def test_a_file_that_cannot_be_read_is_named_before_any_is_sent(self):
        stage = self.applied()
        one = self.file(stage)
        said = self.complaint(stage, "publish", one, stage.folder / "tow.json",
                              stage.folder, code=66)
        self.assertIn(f"{stage.folder}/tow.json: No such file", said)
        self.assertIn(f"{stage.folder} is a folder", said)
        self.assertEqual(self.waiting(stage), [])

    def test_an_exchange_that_is_missing_is_said(self):
        stage = self.set_up_publisher()
        done = self.run_it(stage, "publish", self.file(stage), code=78)
        self.assertIn(LAB + ".in", done.stderr)
        self.assertIn("rebound topology apply", done.stderr)

    def test_the_right_to_publish_is_the_publishers_alone(self):
        stage = self.set_up()
        self.apply(stage)
        done = self.run_it(stage, "publish", self.file(stage), code=77)
        for words in ('"worker"', LAB + ".in", "write",
                      "--permissions", "broker.publisher"):
            self.assertIn(words, done.stderr)
        self.assertEqual(self.waiting(stage), [])
        self.be_publisher(stage)
        self.run_it(stage, "publish", self.file(stage))

    def test_a_pipeline_that_only_takes_from_a_queue_is_not_published_to(self):
        stage = self.set_up(pipeline={"source": {"queue": "theirs"}})
        said = self.complaint(stage, "publish", self.file(stage), code=78)
        for words in ("theirs", "source.exchange"):
            self.assertIn(words, said)

    def test_a_broker_out_of_reach_is_said(self):
        stage = self.set_up_publisher()
        stage.write(broker={"nodes": ["amqp://127.0.0.1:1"]})
        said = self.complaint(stage, "publish", self.file(stage), code=69)
        self.assertIn("127.0.0.1", said)


class Interrupted(PublishTest):

    def test_progress_is_shown_on_a_terminal_alone(self):
        stage = self.applied()
        files = [self.file(stage)] * 250
        process, terminal = self.on_terminal(stage, *files)
        self.assertEqual(
            self.read_until(terminal, None),
            "\r100 of 250\r200 of 250\r250 of 250\r\n")
        self.assertEqual(process.wait(20), 0)
        done = self.run_it(stage, "publish", *files)
        self.assertEqual(done.stderr, "")

    def test_ctrl_c_ends_with_a_summary_that_is_true(self):
        stage = self.applied()
        one = self.file(stage)
        process, terminal = self.on_terminal(stage, *[one] * MANY)
        shown = self.read_until(terminal, r"\d+00 of 30000")
        process.send_signal(signal.SIGINT)
        shown += self.read_until(terminal, None)
        said = process.communicate(timeout=20)[0]
        self.assertEqual(process.returncode, 130, shown + said)
        confirmed = int(re.match(r"(\d+) of 30000 messages are published",
                                 said).group(1))
        self.assertLess(confirmed, MANY)
        self.assertEqual(len(self.waiting(stage)), confirmed)
        self.assertIn(f"unsent: {one}, and all behind it", shown)
        self.assertNotIn("unconfirmed", shown)

    def test_a_signal_while_it_reads_standard_input_ends_it(self):
        stage = self.applied()
        one = self.file(stage)
        process = self.start(stage, "--json", one, "-",
                             stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stderr.close)
        rig.wait_until(lambda: stage.vhost.depth(LAB) == 1,
                       what="the first message")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 143)
        self.assertIn("unsent: -\n", process.stderr.read())
        self.assertEqual([m["result"] for m in
                          json.loads(process.stdout.read())["messages"]],
                         ["confirmed", "unsent"])


class InterruptedUnderAlarm(PublishTest):
    has_own_node = True

    def set_up_alarm(self):
        """A publisher that waits for the end of an alarm; its terminal, and
        what it has shown there."""
        stage = self.applied()
        self.addCleanup(self.broker.set_alarm, False)
        self.broker.set_alarm(True)
        process, terminal = self.on_terminal(stage, *[self.file(stage)] * 300)
        shown = self.read_until(terminal, r"takes no messages now.*\n")
        return process, terminal, shown

    def test_ctrl_c_ends_it_while_the_broker_takes_nothing(self):
        process, terminal, shown = self.set_up_alarm()
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        shown += self.read_until(terminal, None)
        self.assertEqual(process.wait(20), 130)
        self.assertLess(time.monotonic() - begun, 10, "5 s, with a margin")
        self.assertIn("0 of 300 messages", process.stdout.read())
        self.assertRegex(shown, r"(?s)unconfirmed: .*may have arrived or not.*unsent: ")

    def test_the_second_ctrl_c_ends_it_at_once(self):
        process, _, _ = self.set_up_alarm()
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)  # two at once are one, signal(7)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(2), -signal.SIGINT)
