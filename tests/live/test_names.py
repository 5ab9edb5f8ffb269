# SPDX-License-Identifier: Apache-2.0
"""A downstream that moves: its name leads elsewhere, and the worker follows.

The name is in a /etc/hosts of the worker's own, in a mount namespace that it
runs in, so that the whole way from the file to the connection is real.
"""
import os

import rig
from stage import LiveTest

OWN_HOSTS = 'mount --bind "$0" /etc/hosts && exec "$@"'


def is_root_mounted():
    """Whether / is a mount: in a change root it need not be."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        return any(line.split()[4] == "/" for line in mounts)


def own_mounts():
    """What gives a program mounts of its own. unshare makes them private, and
    cannot where / is no mount."""
    words = ["unshare", "--mount"]
    if os.getuid() != 0:
        words.append("--map-root-user")
    elif not is_root_mounted():
        words += ["--propagation", "unchanged"]
    return words


class Names(LiveTest):

    def moving(self, **downstream):
        """A stage whose downstream ehr.test is stage.ehr until it moves to
        stage.next, on the same port; and a worker."""
        stage = self.set_up()
        stage.next = rig.Downstream(host="127.0.0.2", port=stage.ehr.port)
        stage.downstreams.append(stage.next)
        stage.hosts = stage.folder / "hosts"
        self.lead_to(stage, stage.ehr)
        stage.write(downstreams={"ehr": {
            "url": f"http://ehr.test:{stage.ehr.port}/", **downstream}})
        worker = stage.start_any(within=[
            *own_mounts(), "sh", "-c", OWN_HOSTS, stage.hosts])
        worker.wait_ready()
        stage.publish(b"x", message_id="before")
        stage.wait_accepted(["before"], downstream=stage.ehr)
        return stage, worker

    @staticmethod
    def lead_to(stage, downstream):
        stage.hosts.write_text(f"{downstream.host} ehr.test\n")

    def test_no_connection_outlives_its_age_and_the_next_follows_the_name(self):
        stage, worker = self.moving(connection_max_age="2s")
        self.lead_to(stage, stage.next)
        sent = []

        def arrived():
            return stage.ehr.accepted() | stage.next.accepted()

        def has_moved():
            sent.append(f"m{len(sent)}")
            stage.publish(b"x", message_id=sent[-1])
            rig.wait_until(lambda: sent[-1] in arrived(), what=stage.story)
            return stage.next.accepted()
        rig.wait_until(has_moved, 10, stage.story, every=0.2)
        self.assertEqual(arrived(), {"before", *sent})
        # It moved for its age, and for no failure: the old one still works.
        self.assertEqual({call["status"] for call
                          in worker.said(event="call")}, {200})
        self.assertIn("m0", stage.ehr.accepted())

    def test_a_downstream_that_dies_is_found_where_its_name_leads_next(self):
        stage, _ = self.moving()
        self.lead_to(stage, stage.next)
        stage.ehr.stop()
        stage.publish(b"x", message_id="after")
        stage.wait_accepted(["after"], downstream=stage.next)
