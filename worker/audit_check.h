/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_check.h - whether the chains of an audit trail are whole.
 *
 * Lines are fed in the order in which they stand in the trail. Each chain is
 * followed by itself: numbers that follow one another, each line naming the
 * SHA-256 of the one before. A line that comes again as it was, within the last
 * AUDIT_AGAIN_MAX of its chain, is a batch that was published twice, and no
 * flaw. A chain whose beginning is not there was cut by the retention of the
 * queue, or by somebody: that is counted, since the trail cannot tell; a head
 * that stands in a log (audit_check_expect) can.
 */
#ifndef WORKER_AUDIT_CHECK_H
#define WORKER_AUDIT_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/text.h"

#define AUDIT_AGAIN_MAX 4096 /* lines */

enum audit_flaw {
	AUDIT_FLAW_GAP,        /* lines are missing before this one */
	AUDIT_FLAW_CHANGED,    /* this line, or the one before, is not as it was
	                          written */
	AUDIT_FLAW_ORDER,      /* it comes behind later ones, and not again */
	AUDIT_FLAW_AFTER_END,  /* a line after the chain was closed */
	AUDIT_FLAW_UNREADABLE, /* it is no entry */
	AUDIT_FLAW_HEAD,    /* it is not the one that a log has the hash of */
	AUDIT_FLAW_NO_HEAD, /* such a line is not there at all */
};

/* "gap", "changed", ...: for --json. Static. */
const char *audit_flaw_name(enum audit_flaw flaw);

/* One thing that is wrong. Borrowed for the time of the call. */
struct audit_finding {
	enum audit_flaw flaw;
	struct text chain; /* empty: UNREADABLE */
	uint64_t seq;      /* of the line; 0: UNREADABLE */
	uint64_t line;     /* of the trail, from 1; 0: of none that is there */
	uint64_t missing;  /* GAP: so many */
};

/* What was seen in all. */
struct audit_totals {
	uint64_t lines;
	uint64_t chains;
	uint64_t again; /* lines that came twice */
	uint64_t cut;   /* chains whose beginning is not there */
	uint64_t open;  /* chains without an end: the writer lives, or was
	                    killed */
	uint64_t newer; /* lines of a later version: their place was checked */
	uint64_t heads; /* that were found as expected */
	uint64_t flaws;
};

struct audit_check;

/* `tell` hears of each flaw. Never NULL. */
struct audit_check *audit_check_new(
	void (*tell)(void *context, const struct audit_finding *finding),
	void *context);
void audit_check_free(struct audit_check *check); /* takes NULL */

/*
 * A head that stands somewhere outside. Before the first line. `said` is a line
 * of a log: false if it has none ("Chain UUID, entry N, SHA-256 HEX").
 */
bool audit_check_expect(struct audit_check *check, struct text said);

/* The next line of the trail, without its line end. */
void audit_check_line(struct audit_check *check, struct text line);

/* All has been fed. */
struct audit_totals audit_check_end(struct audit_check *check);

#endif
