# SPDX-License-Identifier: Apache-2.0
"""Workers that run out of memory, wherever that happens to them."""
import collections
import json
import random
import shutil
import signal
import time

import rig
from stage import LAB, LiveTest

# One call in three fails: copies, headers and lanes are made under way.
HARD = ({"share": 0.1, "do": "reset"}, {"share": 0.1, "status": 503},
        {"share": 0.02, "status": 422}, {"share": 0.1, "status": 429},
        {"delay": 0.01})
SECRET = b"SECRET-OF-A-BODY"
LOAD = 100  # messages for each worker


class Starve(LiveTest):

    def environment(self, at, how_long, library=None):
        """Of a worker whose allocation number `at` (of a library) fails, or
        None where the program has an allocator of its own."""
        program = self.program.path
        if any(name in program.read_bytes()
               for name in (b"__asan_init", b"__tsan_init")):
            return None
        allocator = program.parent / "tests/starve.so"
        self.assertTrue(allocator.exists(), "make check TESTS= builds it")
        # A list of files that blanks part: it must have a name without any,
        # and a copy of its own, since others have theirs in use.
        if " " in str(allocator):
            folder = rig.new_folder()
            self.addCleanup(shutil.rmtree, folder, True)
            allocator = shutil.copy(allocator, folder)
        return {"LD_PRELOAD": str(allocator), "STARVE_AT": str(at),
                "STARVE_FOR": how_long,
                **({"STARVE_IN": library} if library else {})}

    def starve(self, stage, environment):
        """A worker that starves under load: its exit code, or None if it
        lives on, as it may where a library can do without."""
        worker = stage.start_any(environment=environment)
        worker.wait_ready()
        worker.signal(signal.SIGUSR2)
        due = time.monotonic() + 1.5
        while worker.process.poll() is None and time.monotonic() < due:
            time.sleep(0.02)
        code = worker.process.poll()
        worker.kill()
        said = worker.complaints()
        self.assertIn(code, (None, -signal.SIGABRT), said)
        self.assertEqual(len(said.splitlines()), 0 if code is None else 1)
        self.assertNotIn(SECRET.decode(), said + json.dumps(worker.lines))
        self.lost += len(worker.find(event="state", state="down"))
        return code

    def settle(self, stage, ids):
        """A worker that does not starve finishes what is left."""
        stage.start()
        parked = set()

        def is_over():
            parked.update(one.id for one in stage.as_user("operator").drain(
                LAB + ".parking"))
            return ids <= parked | stage.ehr.accepted()
        rig.wait_until(is_over, 60, what=stage.story, every=0.2)
        stage.wait_empty()

    def starves(self, how_long, counts, library=None, **pipeline):
        """Workers that starve one after the other, at each of these counts
        and each over a load of its own; how many of them that ended."""
        if self.environment(1, how_long) is None:
            self.remark = "a sanitizer allocates: there is nothing to show"
            return None
        stage = self.set_up(*HARD, policy={"max_attempts": 100},
                            pipeline={"prefetch": 20, **pipeline},
                            downstream={"concurrency": 10, "timeout": "3s"})
        stage.start().stop()  # it declares
        ids, ends = set(), collections.Counter()
        self.lost = 0  # connections
        for turn, count in enumerate(counts):
            names = [f"m{turn}-{i}" for i in range(LOAD)]
            stage.publish([(name, SECRET) for name in names])
            ids.update(names)
            ends[self.starve(stage, self.environment(count, how_long,
                                                     library))] += 1
        self.settle(stage, ids)
        self.remark = (f"{len(ids)} messages, {ends[-signal.SIGABRT]} workers "
                       f"aborted, {ends[None]} lived on, {self.lost} "
                       "connections lost")
        return ends[-signal.SIGABRT]

    def counts(self, seed):
        """Early and late."""
        dice = random.Random(seed)
        return [1, 2, 3] + [int(dice.lognormvariate(5, 1.5)) + 1
                            for _ in range(12)]

    def test_one_allocation_that_fails_loses_nothing(self):
        ended = self.starves("once", self.counts(1))
        self.assertTrue(ended is None or ended > 4, ended)

    def test_memory_that_is_gone_ends_a_worker_and_loses_nothing(self):
        self.assertIn(self.starves("ever", self.counts(2)), (None, 15))

    def test_one_that_fails_in_the_broker_library_loses_nothing(self):
        # It answers with an error, and the connection is made anew.
        ended = self.starves("once", range(1, 11), "librabbitmq")
        self.assertTrue(ended is None or ended == 0 and self.lost >= 5)

    def test_one_that_fails_in_the_http_library_loses_nothing(self):
        # Before anything was sent it is the end; afterwards, a call that may
        # have been carried out.
        ended = self.starves("once", range(1, 60, 4), "libcurl")
        self.assertTrue(ended is None or ended > 4, ended)

    def test_one_that_fails_in_the_json_library_ends_a_worker(self):
        # Bodies are parsed, since the type of a message stands in them.
        ended = self.starves("once", range(1, 11), "libjson-c",
                             type_from="body:/type")
        self.assertIn(ended, (None, 10))
