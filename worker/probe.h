/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.h - asks downstreams whether they are healthy.
 *
 * A probe is a request of its own, by the downstream's connections, certificates
 * and credential. It is asked every interval, drawn out by up to a fifth at random;
 * the next after the last has ended, so that one that hangs costs its timeout, and no
 * more than one at a time is under way.
 */
#ifndef WORKER_PROBE_H
#define WORKER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "worker/config.h"
#include "worker/http.h"
#include "worker/loop.h"

struct probes; /* of all downstreams */

/* Told what was found, from the loop. May call probes_want. */
typedef void probe_found(void *context, size_t downstream, bool is_healthy);

/* All is borrowed. None is asked at first. */
struct probes *probes_new(struct loop *loop, struct http *http,
			  const struct config *config, probe_found *found,
			  void *context);
/* After the calls of `http` have ended or been dropped, before the loop. Takes
   NULL. */
void probes_free(struct probes *probes);

/* Whether a downstream is to be asked; one that has no probe never is. The first
   time comes within an interval, at random. */
void probes_want(struct probes *probes, size_t downstream, bool wanted);

/* How long until it is asked next, >= 0; -1: it is not. */
millis probes_next(const struct probes *probes, size_t downstream);

#endif
