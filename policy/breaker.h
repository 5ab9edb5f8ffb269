/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker.h - the health of one downstream, as a state machine.
 *
 *              share, or in a row            time, health probe, word
 *   +--------+ failures            +------+ ---------------------> +-----------+
 *   | CLOSED | ------------------> | OPEN |                        | HALF_OPEN |
 *   +--------+ <-----+             +------+ <--------------------- +-----------+
 *       |            |                ^          a failure               |
 *       | storm      | full           | a failure at the first step     | all
 *       v            |                |                                  | probes
 *   +-------+        |             +------+                              | answered
 *   | STORM |        +------------ | RAMP | <----------------------------+
 *   +-------+                      +------+
 *       +--- time ---> HALF_OPEN      1, 2, 4, 8 ... calls at once; a failure
 *                                     takes it one step back
 *   any --- hold ---> HELD --- resume, its time ---> HALF_OPEN
 *
 * While it is OPEN, in a STORM or HELD no call is made. It opens for a time that
 * doubles with each reopening until the breaker has closed, up to a cap, jitter
 * taken off after the cap. HALF_OPEN lets a few calls through, ever; RAMP so many at
 * once, twice as many after each step.
 *
 * A storm is a row of permanent errors of one error type, of different messages,
 * without a success between: the downstream's fault (a credential, a wrong url),
 * and not theirs. From the one that completes it on, errors of that type are to be
 * held and not parked, until the breaker has closed.
 *
 * Pure: `now` and `dice` are arguments. `now` never goes back.
 */
#ifndef POLICY_BREAKER_H
#define POLICY_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/millis.h"
#include "policy/text.h"

#define BREAKER_SLICES     10  /* of the sliding window */
#define BREAKER_STORM_MAX  100 /* messages that a storm may take */
#define BREAKER_ERROR_MAX  64  /* bytes of an error type that are compared */
#define BREAKER_PROBES_MAX 100

enum breaker_state {
	BREAKER_CLOSED,
	BREAKER_OPEN,
	BREAKER_HALF_OPEN,
	BREAKER_RAMP,
	BREAKER_STORM,
	BREAKER_HELD,
};

/* Why it is in its state. */
enum breaker_cause {
	BREAKER_FINE,        /* closed from the start, or after its ramp */
	BREAKER_BY_SHARE,    /* failures in the window */
	BREAKER_BY_ROW,      /* failures in a row */
	BREAKER_BY_PROBE,    /* a call of half-open, or the first of the ramp,
	                        has failed */
	BREAKER_BY_ERRORS,   /* permanent errors in a row */
	BREAKER_BY_WORD,     /* another worker's */
	BREAKER_BY_TIME,     /* it was open for its time */
	BREAKER_BY_HEALTH,   /* the health probe says so */
	BREAKER_BY_ANSWERS,  /* calls were answered */
	BREAKER_BY_OPERATOR, /* a person's hold, or its end */
	BREAKER_BY_WINDOW,   /* a planned one, or its end */
};

#define BREAKER_STATE_COUNT (BREAKER_HELD + 1)
#define BREAKER_CAUSE_COUNT (BREAKER_BY_WINDOW + 1)

struct breaker_rules {
	bool is_off;         /* no failure opens it; storms and holds do */
	millis window;       /* sliding; >= BREAKER_SLICES */
	uint32_t calls;      /* fewer in the window do not open it; >= 1 */
	uint32_t share_pct;  /* of failures in it that open it; 1 .. 100 */
	uint32_t row;        /* failures in a row that open it; 0: none do */
	millis open;         /* first time; >= 1 */
	millis open_max;     /* the longest; >= open */
	uint32_t jitter_pct; /* taken off at most; 0 .. 100 */
	uint32_t probes;     /* calls of HALF_OPEN; 1 .. BREAKER_PROBES_MAX */
	millis ramp;         /* a share of full over this time; 0: doubling */
	uint32_t storm; /* messages; 2 .. BREAKER_STORM_MAX; 0: no storms */
};

/* What a call came to, as far as health goes. */
enum breaker_answer {
	BREAKER_SUCCESS,
	BREAKER_FAILURE,   /* a transient or an ambiguous error */
	BREAKER_PERMANENT, /* one message's; says nothing about health, but that
	                      somebody answers; may be of a storm */
	BREAKER_EXEMPT,    /* the same, and never of a storm */
};

/* Calls and failures of a part of the window. */
struct breaker_slice {
	int64_t number; /* of the part: now / its length */
	uint32_t calls;
	uint32_t failures;
};

struct breaker {
	struct breaker_rules rules;
	enum breaker_state state;
	enum breaker_cause cause;
	millis since; /* when it came into it */
	millis due;   /* OPEN, STORM: its end; HELD: the same, or -1: none */
	uint32_t changes;  /* of the state, so far; a call that began before the
	                     last says nothing of what came after */
	uint32_t full;     /* calls at once when closed; >= 1 */
	uint32_t reopened; /* in a row, without having closed */
	struct breaker_slice slices[BREAKER_SLICES];
	uint32_t row;   /* failures in a row */
	uint32_t let;   /* HALF_OPEN: calls let through, not given back */
	uint32_t done;  /* HALF_OPEN, RAMP: answered in this step */
	uint32_t limit; /* RAMP: calls at once */
	millis step;    /* RAMP: when this step began */
	/* Whose word it is that OPEN became HALF_OPEN, or that it became OPEN. */
	bool is_by_health;
	bool is_by_word;
	uint32_t lies; /* times that the probe was believed, and was wrong */
	millis heed_probe; /* it is believed from then on */
	millis heed_words; /* words that others have opened are, likewise */
	/* Permanent errors in a row: of this type, of these messages. */
	char error[BREAKER_ERROR_MAX];
	size_t error_len;
	uint64_t messages[BREAKER_STORM_MAX];
	uint32_t message_count;
	bool is_storm; /* there was one, and the breaker has not closed since */
};

/* A call that was let through. */
struct breaker_ticket {
	uint32_t changes; /* breaker.changes when it began */
};

/* CLOSED at `now`; `full` >= 1: calls at once when closed. */
void breaker_init(struct breaker *b, const struct breaker_rules *rules,
		  uint32_t full, millis now);

/* Another number of calls at once when closed; >= 1. */
void breaker_set_full(struct breaker *b, uint32_t full);

/* Does what is due by time. True if the state has changed. */
bool breaker_tick(struct breaker *b, millis now);

/* When breaker_tick has something to do next; -1: never by itself. */
millis breaker_next(const struct breaker *b);

/* True if no call may be made for now, and none is for others to wait for:
   OPEN, STORM, HELD. */
bool breaker_is_shut(const struct breaker *b);

/* How many more calls may begin now, while `calling` of them are under way. 0 while
   shut. */
uint32_t breaker_room(const struct breaker *b, uint32_t calling);

/* A call begins: there was room for it. */
struct breaker_ticket breaker_take(struct breaker *b);

/* It has ended without an answer that counts: HALF_OPEN lets another through. */
void breaker_give_back(struct breaker *b, struct breaker_ticket ticket);

/*
 * It has ended. `error` is its error type (empty: none), `message` tells messages
 * apart (a hash of the id). An answer to a call that began before the last change
 * changes nothing. True if the error is the downstream's fault, and the message
 * to be held: it is of the type of the storm that has begun, or begins with it.
 */
bool breaker_answered(struct breaker *b, struct breaker_ticket ticket,
		      enum breaker_answer answer, struct text error,
		      uint64_t message, millis now, uint32_t dice);

/*
 * The health probe has found it healthy: OPEN becomes HALF_OPEN before its time.
 * False if that changes nothing: in another state, or since the probe is not
 * believed: after it was believed and the calls failed, it is not for the time that
 * the breaker would first be open, doubled with each such time; so that one that
 * lies makes no more calls than none would.
 */
bool breaker_healthy(struct breaker *b, millis now);

/*
 * Another worker's breaker has opened, for `wait` more (bounded to 0 .. open_max);
 * by a storm of that error type, unless it is empty. CLOSED, HALF_OPEN and RAMP
 * become OPEN, or STORM. False if it changes nothing: already
 * shut; or since such a word was wrong, which calls have shown that succeeded after
 * it, less than open_max ago: so that one worker whose network is bad does not
 * stop all.
 */
bool breaker_hear_open(struct breaker *b, millis wait, struct text error,
		       millis now);

/* Another worker's was answered, and is in its ramp or closed: OPEN and STORM
   become HALF_OPEN, so that each worker has seen for itself. True if so. */
bool breaker_hear_closed(struct breaker *b, millis now);

/* Holds it until `until` (an instant; -1: until resumed). A hold replaces another.
   `cause`: BREAKER_BY_OPERATOR or BREAKER_BY_WINDOW. */
void breaker_hold(struct breaker *b, millis until, enum breaker_cause cause,
		  millis now);

/* Ends a hold, or the time that it is open: it becomes HALF_OPEN. False if it is
   not shut. */
bool breaker_resume(struct breaker *b, enum breaker_cause cause, millis now);

/* True if permanent errors of that type are to be held: see breaker_answered. */
bool breaker_holds(const struct breaker *b, struct text error);

/* NULL; or which of its invariants is broken. Static. */
const char *breaker_flaw(const struct breaker *b);

/* "closed", "open", "half-open", "ramp", "storm", "held". Static. */
const char *breaker_state_name(enum breaker_state state);
bool breaker_state_parse(struct text name, enum breaker_state *state);
/* "failures-in-a-row", "health-probe": as logs and words spell it. Static. */
const char *breaker_cause_name(enum breaker_cause cause);
bool breaker_cause_parse(struct text name, enum breaker_cause *cause);

#endif
