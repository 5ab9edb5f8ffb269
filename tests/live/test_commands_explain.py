# SPDX-License-Identifier: Apache-2.0
"""rebound explain: what it says beforehand, and that a worker does it."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as tree

import rig
from stage import LiveTest

CONFIGURATION = """\
downstreams = { ehr = { url = "http://127.0.0.1:9/"; }; };
policies = {
  careful = {
    max_attempts = 8;
    give_up_after = "2h";
    schedule = { kind = "exponential"; first = "2s"; factor = 2; max = "10m"; };
    errors = (
      { name = "maintenance"; status = "503"; class = "transient";
        schedule = { kind = "linear"; first = "1m"; step = "1m"; max = "5m"; }; },
      { name = "schema"; status = "422"; class = "permanent"; },
      { name = "busy"; status = "529"; class = "transient";
        schedule = { kind = "fixed"; first = "20s"; jitter = "50%"; }; }
    );
    types = (
      { match = "lab.#"; max_attempts = 20; },
      { match = "adt.<&'>.*"; schedule = { kind = "fixed"; first = "5s"; }; }
    );
  };
};
pipelines = {
  lab = { deliver_to = [ "ehr" ]; policy = "careful"; };
};
"""
SPEAKING = """\
downstreams = {
  ehr = {
    url = "http://127.0.0.1:9/"; understand = "fhir";
    success = (
      { status = "409"; means = "already-done";
        header = { name = "X-Why"; equals = "duplicate"; }; },
      { status = "2xx"; means = "failed"; error = "soft";
        pointer = { at = "/status"; equals = "error"; }; }
    );
  };
  adt = { url = "http://127.0.0.1:9/"; understand = "hl7v2"; };
};
policies = { p = { errors = (
  { name = "locked"; understood = "fhir-lock-error"; class = "transient"; },
  { name = "quota"; status = "403"; text = "quota"; class = "transient"; }
); }; };
pipelines = {
  lab = { deliver_to = [ "ehr" ]; policy = "p"; };
  adt = { deliver_to = [ "adt" ]; policy = "p"; };
};
"""
SVG = "{http://www.w3.org/2000/svg}"
SAVED = ("HTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 503 Service Unavailable\r\n"
         "Content-Type: text/plain\r\n"
         "Date: Tue, 24 Nov 2026 09:41:00 GMT\r\n"
         "retry-after: Tue, 24 Nov 2026 09:41:47 GMT\r\n"
         "\r\nHTTP/1.1 is not a head here\r\n")


class ExplainTest(LiveTest):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.config = self.write("rebound.cfg", CONFIGURATION)

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text.encode())
        return path

    def explain(self, *words, code=0, **environment):
        done = subprocess.run(
            [self.program.path, "explain", "-c", self.config,
             *map(str, words)], capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL, env={**os.environ, **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def said(self, *words, **environment):
        done = self.explain(*words, **environment)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def read(self, *words):
        return json.loads(self.said(*words, "--json"))

    def complaint(self, *words, code=64):
        done = self.explain(*words, code=code)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"^rebound explain: .*\.\n$")
        self.assertEqual(len(done.stderr.splitlines()), 1)
        return done.stderr


class One(ExplainTest):

    def test_the_rule_and_each_setting_are_named_with_file_and_line(self):
        said = self.read("-t", "lab.result", "--status", 503)
        self.assertEqual(
            {k: said["judgement"][k] for k in
             ("by", "rule", "file", "line", "error", "class")},
            {"by": "error rule", "rule": "maintenance",
             "file": str(self.config), "line": 8, "error": "maintenance",
             "class": "transient"})
        by = {s["name"]: (s["level"], s.get("line"))
              for s in said["settings"]}
        self.assertEqual(by["schedule"], ("error", 8))
        self.assertEqual(by["max_attempts"], ("message type", 15))
        self.assertEqual(by["give_up_after"], ("policy", 3))
        self.assertEqual(by["quick"], ("built in", None))

    def test_words_say_what_json_does(self):
        said = self.said("-t", "lab.result", "--status", 503)
        for line in (
                r"judged by +error rule \"maintenance\", \S+rebound\.cfg:8$",
                r"error +maintenance, transient$", r"verdict +retry after 1m$",
                r"lane +rebound\.lab\.delay\.v1\.ehr\.1m$",
                r"limits +call 1 of 20 \(max_attempts\); 0s old of 2h ",
                r"max_attempts +20 +type \"lab\.#\", \S+rebound\.cfg:15$"):
            self.assertRegex(said, re.compile("^" + line, re.M))

    def test_failures_so_far_move_the_schedule_on(self):
        said = self.read("--status", 503, "--failures", 3)
        self.assertEqual(said["verdicts"][0]["delay_ms"], 240_000)
        self.assertEqual(said["message"]["attempts"], 3)
        # It has waited 1m, 2m and 3m.
        self.assertEqual(said["message"]["age_ms"], 360_000)

    def test_limits_park(self):
        for words, reason in (
                (("--attempts", 7), "attempts"),
                (("--age", "1h59m30s"), "age"),
                (("--deadline", "30s"), "deadline")):
            said = self.read("--status", 503, *words)
            verdict, = said["verdicts"]
            self.assertEqual((verdict["verdict"], verdict["reason"]),
                             ("park", reason))
            self.assertEqual(verdict["queue"], "rebound.lab.parking")

    def test_a_permanent_error_is_parked_and_a_success_is_done(self):
        verdict, = self.read("--status", 422)["verdicts"]
        self.assertEqual(verdict["reason"], "permanent")
        said = self.read("--status", 201)
        self.assertEqual(said["verdicts"][0]["verdict"], "done")
        self.assertIs(said["judgement"]["done"], True)
        self.assertNotIn("settings", said)
        self.assertRegex(self.said("--status", 201), "(?m)^verdict +done$")

    def test_all_waits_of_jitter_are_shown_a_third_each(self):
        ways = self.read("--status", 529)["verdicts"]
        self.assertEqual([(w["delay_ms"], w["thirds"]) for w in ways],
                         [(20_000, 1), (15_000, 1), (10_000, 1)])
        self.assertEqual(self.said("--status", 529).count(
            "(one time in three)"), 3)

    def test_every_queue_that_it_names_is_one_of_the_topology(self):
        made = self.program("topology", "print", "-c", self.config).stdout
        queues = set(re.findall(r"^  (\S+)  .*x-", made, re.M))
        named = set()
        for status in (503, 529, 502, 422):
            for failures in range(7):
                for more in ((), ("--retry-after", 3000)):
                    said = self.read("--status", status, "--failures",
                                     failures, *more)
                    named |= {w["queue"] for w in said["verdicts"]}
        self.assertGreater(len(named), 10)
        self.assertLessEqual(named, queues)

    def test_an_ambiguous_transport_is_said_to_be_one(self):
        said = self.read("--transport", "timeout-after-send")
        self.assertEqual(said["judgement"]["class"], "ambiguous")
        self.assertEqual(said["outcome"], {"transport": "timeout-after-send"})
        self.assertRegex(self.said("--transport", "timeout-after-send"),
                         "(?m)^ambiguous +it may have been carried out; ehr "
                         "is not idempotent, so a retry may do it twice$")

    def test_retry_after_is_rounded_to_the_ladder(self):
        said = self.read("--status", 502, "--retry-after", 47)
        way, = said["verdicts"]
        self.assertEqual((way["delay_ms"], way["by_server"], way["queue"]),
                         (48_000, True, "rebound.lab.delay.v1._.32s"))
        self.assertRegex(
            self.said("--status", 502, "--header", "Retry-After=47"),
            r"(?m)^Retry-After +.*: 32s \+ 16s$")

    def test_the_schedule_counts_where_it_waits_longer(self):
        way, = self.read("--status", 503, "--retry-after", 5)["verdicts"]
        self.assertEqual((way["delay_ms"], way["by_server"]), (60_000, False))


class Saved(ExplainTest):

    def test_a_saved_response_is_its_last_head(self):
        for text in (SAVED, SAVED.replace("\r\n", "\n"),
                     SAVED.replace("HTTP/1.1 503 Service Unavailable",
                                   "HTTP/2 503 ")):
            saved = self.write("saved", text)
            said = self.read("--response", saved)
            self.assertEqual(said["outcome"]["status"], 503)
            # Seen from the Date of the response.
            self.assertEqual(said["outcome"]["retry_after_ms"], 47_000)

    def test_a_body_alone_needs_the_status(self):
        body = self.write("body", "<html>down</html>")
        self.assertIn("--status", self.complaint("--response", body))
        said = self.read("--response", body, "--status", 503)
        self.assertEqual(said["judgement"]["error"], "maintenance")
        self.assertEqual(self.read("--response", self.write("none", ""),
                                   "--status", 503)["outcome"]["status"], 503)

    def test_what_is_no_response_is_said_so(self):
        for head in ("HTTP/1.1\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                     "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 6000 x\n\n",
                     "HTTP/"):
            saved = self.write("saved", head)
            self.assertIn("curl -i", self.complaint("--response", saved,
                                                    code=65))
        self.assertIn("No such file", self.complaint(
            "--response", self.folder / "nowhere", code=66))
        saved = self.write("saved", SAVED)
        self.assertIn("leave one of them out", self.complaint(
            "--response", saved, "--status", 500))

    def test_a_response_of_any_bytes_breaks_nothing(self):
        saved = self.folder / "saved"
        saved.write_bytes(b"HTTP/1.1 503 x\r\n: none\r\nno colon\r\nA:\r\n"
                          + b"X: \xff\x00\r\n" * 200 + b"\r\n\x00\xff" * 9999)
        self.assertEqual(self.read("--response", saved)["outcome"],
                         {"transport": "complete", "status": 503})


class Answers(ExplainTest):
    """What answers say, as a worker reads it."""

    def setUp(self):
        super().setUp()
        self.write("rebound.cfg", SPEAKING)

    def judged(self, text, *words):
        saved = self.write("saved", text)
        said = self.read("--response", saved, *words)
        return said["judgement"], said

    def test_an_outcome_of_fhir_is_understood(self):
        issue = ("HTTP/1.1 500 x\nContent-Type: application/fhir+json\n\n"
                 '{"resourceType": "OperationOutcome", "issue": [{"severity": '
                 '"error", "code": "%s", "diagnostics": "no \\u001b[1m"}]}')
        judged, said = self.judged(issue % "structure", "-p", "lab")
        self.assertEqual((judged["by"], judged["error"], judged["class"]),
                         ("body", "fhir-structure", "permanent"))
        self.assertIn("detail", said["outcome"])
        self.assertNotIn("\x1b", self.said(
            "-p", "lab", "--response", self.folder / "saved"))
        judged, _ = self.judged(issue % "lock-error", "-p", "lab")
        self.assertEqual((judged["by"], judged["rule"], judged["line"]),
                         ("error rule", "locked", 14))

    def test_success_rules_are_named_with_their_line(self):
        judged, said = self.judged("HTTP/1.1 409 x\nx-why: duplicate\n\n",
                                   "-p", "lab")
        self.assertEqual((judged["done"], judged["already"]), (True, True))
        self.assertEqual(judged["success_rule"]["line"], 5)
        judged, _ = self.judged('{"status": "error"}', "-p", "lab",
                                "--status", 200)
        self.assertEqual((judged["error"], judged["rule"],
                          judged["success_rule"]["means"]),
                         ("soft", "failed-inside", "failed"))
        self.assertRegex(
            self.said("-p", "lab", "--response", self.folder / "saved",
                      "--status", 200),
            r"(?m)^failed by +success rule of downstream \"ehr\", \S+:7, ")

    def test_a_text_is_matched(self):
        judged, _ = self.judged("HTTP/1.1 403 x\n\nyour quota is over",
                                "-p", "lab")
        self.assertEqual(judged["rule"], "quota")
        judged, _ = self.judged("HTTP/1.1 403 x\n\nno", "-p", "lab")
        self.assertEqual(judged["rule"], "auth")

    def test_an_acknowledgement_is_compared_with_the_message(self):
        ack = ("HTTP/1.1 200 OK\nContent-Type: x-application/hl7-v2+er7\n\n"
               "MSH|^~\\&|A|B|C|D|2026||ACK|1|P|2.5\rMSA|AA|%d\r")
        sent = self.write("sent", "MSH|^~\\&|A|B|C|D|2026||ORU^R01|7|P|2.5\r"
                          "PID|1\r")
        words = ("-p", "adt", "--body", sent)
        self.assertIs(self.judged(ack % 7, *words)[0]["done"], True)
        self.assertEqual(self.judged(ack % 8, *words)[0]["class"],
                         "ambiguous")
        self.assertIs(self.judged(ack % 8, "-p", "adt")[0]["done"], True)

    def test_no_more_of_a_body_counts_than_a_worker_keeps(self):
        long = "HTTP/1.1 403 x\n\n" + "x" * 65536 + "quota"
        self.assertEqual(self.judged(long, "-p", "lab")[0]["rule"], "auth")


class Schedule(ExplainTest):

    def test_every_call_to_come_is_there_until_it_is_parked(self):
        said = self.read("--schedule", "--status", 503)
        calls = said["calls"]
        waits = [60, 120, 180, 240, 300, 300, 300]
        self.assertEqual([c["call"] for c in calls], list(range(1, 9)))
        self.assertEqual([c["mean_ms"] // 1000 for c in calls],
                         [sum(waits[:i]) for i in range(8)])
        self.assertEqual([c["verdict"] for c in calls],
                         ["retry"] * 7 + ["park"])
        self.assertEqual(said["end"]["mean"], {
            "verdict": "park", "calls": 8, "after_ms": 1_500_000,
            "reason": "attempts"})

    def test_jitter_gives_the_earliest_and_the_latest(self):
        said = self.read("--schedule", "--status", 529)
        call = said["calls"][2]
        self.assertEqual([call[k] for k in ("earliest_ms", "mean_ms",
                                            "latest_ms")],
                         [20_000, 30_000, 40_000])
        self.assertRegex(self.said("--schedule", "--status", 529),
                         r"(?m)^ +3  20s +30s +40s +\d\d-\d\d \d\d:\d\d:\d\d"
                         r"  10s to 20s +retry$")

    def test_calls_take_the_time_that_is_said(self):
        said = self.read("--schedule", "--status", 503, "--took", "30s")
        self.assertEqual(said["calls"][1]["mean_ms"], 90_000)

    def test_the_table_says_when_and_why_it_parks(self):
        said = self.said("--schedule", "--status", 503)
        self.assertRegex(said, r"(?m)^ +8  25m .* parked: attempts$")
        self.assertIn("Parked after 8 calls, 25m from now, because of "
                      "attempts", said)

    def test_a_long_life_is_shortened_in_words_alone(self):
        self.write("rebound.cfg", CONFIGURATION.replace(
            "max_attempts = 20", 'max_attempts = 5000; give_up_after = "30d"'))
        words = ("--schedule", "--status", 529, "-t", "lab.x")
        said = self.said(*words)
        self.assertLess(len(said.splitlines()), 50)
        self.assertIn("...  4965 calls more", said)
        self.assertEqual(len(self.read(*words)["calls"]), 5000)


class Chart(ExplainTest):
    WORDS = ("--chart", "--status", 502, "-t", "lab.result")

    def rows(self, **environment):
        said = self.said(*self.WORDS, NO_COLOR="1", **environment)
        return said.split("\n\n")[-1].splitlines()

    def test_it_has_a_line_for_each_type_and_marks_the_one_asked(self):
        axis, *lives, legend = self.rows(LC_ALL="C", COLUMNS="100")
        self.assertTrue(axis.strip().startswith("0s"))
        self.assertEqual([row[:13].rstrip() for row in lives],
                         ["> lab.#", "  adt.<&'>.*", "  other types"])
        for row in lives:
            self.assertRegex(row, r"o.*# +\S+ attempts$")
        self.assertIn("parked", legend)

    def test_it_is_as_wide_as_it_is_told(self):
        for columns in (60, 80, 132):
            width = max(map(len, self.rows(LC_ALL="C.UTF-8",
                                           COLUMNS=str(columns))[1:-1]))
            self.assertLessEqual(width, columns)
            self.assertGreater(width, columns - 26)

    def test_a_name_that_is_too_long_ends_in_a_sign_of_it(self):
        self.config = self.write("rebound.cfg", CONFIGURATION.replace(
            "lab.#", "lab.result.of.a.very.long.name.#"))
        for locale, cut in (("C", "~"), ("C.UTF-8", "\u2026")):
            self.assertIn(f"  lab.result.of.a.very.long.nam{cut}  ",
                          "\n".join(self.rows(LC_ALL=locale)))

    def test_it_is_plain_where_the_locale_is_not_utf8(self):
        self.assertTrue("\n".join(self.rows(LC_ALL="C")).isascii())
        self.assertIn("●", "\n".join(self.rows(LC_ALL="C.UTF-8")))


class Picture(ExplainTest):

    def draw(self, *words):
        file = self.folder / "picture.svg"
        self.said(*words, "--svg", file)
        return tree.parse(file).getroot()

    def test_it_is_a_picture_of_all_types_that_needs_nothing_else(self):
        root = self.draw("--status", 502, "-t", "lab.result")
        texts = ["".join(t.itertext()) for t in root.iter(SVG + "text")]
        for label in ("lab.#", "adt.<&'>.*", "other types", "0s"):
            self.assertIn(label, texts)
        asked = [t.text for t in root.iter(SVG + "text")
                 if t.get("class") == "asked"]
        self.assertEqual(asked, ["lab.#"])
        self.assertEqual(sum(r.get("class") == "parked"
                             for r in root.iter(SVG + "rect")), 3 + 1)
        self.assertGreater(len(list(root.iter(SVG + "circle"))), 20)
        self.assertNotIn("href", (self.folder / "picture.svg").read_text())

    def test_nothing_of_it_is_outside(self):
        root = self.draw("--status", 529)
        width, height = float(root.get("width")), float(root.get("height"))
        for shape in root.iter():
            for name, most in (("x", width), ("cx", width), ("x2", width),
                               ("y", height), ("cy", height), ("y2", height)):
                self.assertTrue(0 <= float(shape.get(name, 0)) <= most, shape)

    def test_a_life_of_very_many_calls_stays_small(self):
        self.write("rebound.cfg", CONFIGURATION.replace(
            "max_attempts = 20",
            'max_attempts = 100000; give_up_after = "30d"'))
        self.draw("--status", 502, "-t", "lab.x")
        self.assertLess((self.folder / "picture.svg").stat().st_size, 200_000)

    def test_it_goes_to_standard_output_alone(self):
        said = self.said("--status", 502, "--svg", "-")
        self.assertEqual(tree.fromstring(said.encode()).tag, SVG + "svg")

    def test_a_file_that_cannot_be_written_is_said(self):
        done = self.explain("--status", 502, "--svg",
                            self.folder / "no" / "where.svg", code=73)
        self.assertIn("cannot be written", done.stderr)


class Load(ExplainTest):

    def test_all_retries_of_all_messages_are_in_some_minute(self):
        load = self.read("--status", 529, "--messages", 10_000)["load"]
        self.assertEqual(load["retries"], 70_000)
        self.assertAlmostEqual(sum(m["retries"] for m in load["minutes"]),
                               70_000, places=3)
        self.assertEqual(load["last_ms"], 7 * 20_000)
        self.assertIs(load["is_cut"], False)

    def test_without_jitter_they_come_in_step(self):
        load = self.read("--status", 503, "--messages", 100)["load"]
        self.assertEqual([m["minute"] for m in load["minutes"]],
                         [1, 3, 6, 10, 15, 20, 25])
        said = self.said("--status", 503, "--messages", 100)
        self.assertIn("Busiest 1m after the failure: 100 retries in a minute",
                      said)
        self.assertIn("no jitter", said)

    def test_what_is_not_tried_again_makes_none(self):
        said = self.said("--status", 422, "--messages", 100)
        self.assertIn(": 0 retries", said)


class Defaults(ExplainTest):

    def test_they_are_the_table_of_the_reference(self):
        page = (rig.ROOT / "docs/errors.md").read_text()
        table = page.split("## Built-in rules")[1].split("\n## ")[0]
        rows = [tuple(cell.strip().replace("`", "") for cell in
                      line.strip("|").split("|"))
                for line in table.splitlines() if line.startswith("| `")]
        said = self.program("explain", "--defaults", "--json")
        self.assertEqual(said.returncode, 0, said.stderr)
        said = json.loads(said.stdout)
        self.assertEqual([(r["error"], r["class"], r["when"])
                          for r in said["rules"]], rows)
        self.assertEqual(said["settings"]["max_attempts"], "8")
        words = self.program("explain", "--defaults").stdout
        for row in rows:
            self.assertRegex(words, r"(?m)^%s +%s +%s$" % row)

    def test_they_need_no_configuration(self):
        done = self.program("explain", "--defaults", "-c", "/nowhere")
        self.assertEqual(done.returncode, 0, done.stderr)


class Words(ExplainTest):

    def test_wrong_words_say_what_is_right(self):
        for words, part in (
                ((), "--status, --transport or --response"),
                (("--status", "5xx"), "100 to 599"),
                (("--status", 99), "100 to 599"),
                (("--status", 503, "--transport", "dns"), "excludes"),
                (("--transport", "dsn"), 'did you mean "dns"'),
                (("--transport", "complete"), "--status"),
                (("--transport", "dns", "-H", "a=b"), "response"),
                (("--status", 503, "-p", "lap"), 'did you mean "lab"'),
                (("--status", 503, "-d", "ehl"), 'did you mean "ehr"'),
                (("--status", 503, "-d", "zzzzzz"), "zzzzzz"),
                (("--statsu", 503), "did you mean --status"),
                (("--status",), "lacks its value"),
                (("--status", 503, "more"), "too many"),
                (("--status", 503, "-H", "novalue"), "NAME=VALUE"),
                (("--status", 503, "--retry-after", "soon"), "seconds"),
                (("--status", 503, "--age", "5"), "duration"),
                (("--status", 503, "--failures", "-1"), "0 to 100000"),
                (("--status", 503, "--messages", 0), "1 to 1000000000"),
                (("--status", 503, "--failures", 3, "--attempts", 2),
                 "cannot be less"),
                (("--status", 503, "--chart", "--json"), "exclude"),
                (("--status", 503, "--svg", "-", "--json"), "exclude"),
                (("--defaults", "--chart"), "--json alone"),
                (("--response", "-", "--body", "-"), "once")):
            self.assertIn(part, self.complaint(*words), words)

    def test_pipelines_are_listed_where_one_has_to_be_chosen(self):
        self.write("rebound.cfg", CONFIGURATION.replace(
            "pipelines = {", 'pipelines = { adt = { deliver_to = [ "ehr" ]; '
            '}; orders = { deliver_to = [ "http://127.0.0.1:9/" ]; };'))
        self.assertIn("adt, orders and lab",
                      self.complaint("--status", 503))
        self.assertIn(": adt and lab", self.complaint("--status", 503,
                                                      "-d", "ehr"))
        said = self.read("--status", 503, "-p", "adt")
        self.assertEqual(said["message"]["policy"], "built-in")
        self.assertIn("does not deliver", self.complaint(
            "--status", 503, "-p", "orders", "-d", "ehr"))


class Truth(LiveTest):

    def test_a_worker_does_what_was_said_beforehand(self):
        stage = self.set_up(
            {"status": 503, "headers": {"Retry-After": "2"}},
            policy={"max_attempts": 4, "schedule": {
                "kind": "custom", "delays": ["300ms", "3s", "400ms"]}})
        beforehand = json.loads(self.program(
            "explain", "-c", stage.config, "--schedule", "--status", "503",
            "--retry-after", "2", "--json").stdout)
        worker = stage.start()
        stage.publish(b"x", message_id="one")
        stage.parked(timeout=40)
        did = worker.said(event="verdict", id="one")
        self.assertEqual(
            [(c["call"], c["verdict"], c.get("mean_wait_ms"),
              c["queue"] if c["verdict"] == "retry" else c["reason"])
             for c in beforehand["calls"]],
            [(d["attempt"], d["verdict"], d.get("delay_ms"),
              "rebound.lab.delay." + d["lane"] if d["verdict"] == "retry"
              else d["reason"]) for d in did])
        worker.stop()
