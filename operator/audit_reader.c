/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/audit_reader.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "operator/stop.h"
#include "worker/audit.h"
#include "worker/clock.h"

#define PREFETCH   1000
#define ACK_EVERY  500
#define POLL_WAIT  100 /* ms */
#define QUIET      MILLIS_PER_SECOND
#define FIRST_WAIT (5 * MILLIS_PER_SECOND)
#define TELL_EVERY MILLIS_PER_SECOND

struct reading {
	struct audit_reader *reader;
	struct broker *broker;
	millis begun_wall;
	millis heard; /* the last message, on the monotonic clock */
	millis told;
	bool is_over;
};

static void tell(struct reading *r, millis now)
{
	if (!r->reader->shows_progress || now - r->told < TELL_EVERY)
		return;
	r->told = now;
	fprintf(stderr, "\r%" PRIu64 " entries read ", r->reader->lines);
}

/* The publisher's login is checked by the broker, that in the line is not. */
static void check_login(struct audit_reader *reader,
			const struct message *message, struct text text)
{
	struct audit_line line;

	if (audit_read(text, &line) != AUDIT_READ_BAD &&
	    !text_eq(line.login, message->properties.user_id)) {
		reader->foreign_count++;
		reader->foreign = "a line names another login than the one "
				  "that published it";
	}
	audit_line_fini(&line);
}

static void take(struct reading *r, const struct message *message)
{
	struct text body = message->body, line;
	bool is_first = true;

	r->reader->messages++;
	if (message->properties.has_timestamp &&
	    (millis)message->properties.timestamp * MILLIS_PER_SECOND >
		    r->begun_wall)
		r->is_over = true;
	while (audit_next_line(&body, &line)) {
		if (is_first)
			check_login(r->reader, message, line);
		is_first = false;
		r->reader->lines++;
		if (!r->reader->take(r->reader->context, line)) {
			r->is_over = true;
			return;
		}
	}
}

static enum broker_status heed(struct reading *r, struct broker_event *event,
			       struct broker_problem *problem)
{
	enum broker_status status = BROKER_OK;

	if (event->kind == BROKER_EVENT_CANCELLED)
		r->is_over = true;
	if (event->kind == BROKER_EVENT_DELIVERY) {
		r->heard = clock_monotonic();
		take(r, event->message);
		if (r->reader->messages % ACK_EVERY == 0)
			status = broker_ack(r->broker, event->message->tag,
					    true, problem);
	}
	message_free(event->message);
	return status;
}

static bool is_quiet(const struct reading *r)
{
	millis wait = r->reader->messages == 0 ? FIRST_WAIT : QUIET;

	return clock_monotonic() - r->heard > wait;
}

static enum broker_status read_on(struct reading *r,
				  struct broker_problem *problem)
{
	struct pollfd fd = {.fd = broker_fd(r->broker), .events = POLLIN};

	while (!r->is_over && stop_signal() == 0) {
		struct broker_event event;
		enum broker_status status =
			broker_next(r->broker, &event, problem);

		if (status == BROKER_OK)
			status = heed(r, &event, problem);
		else if (status == BROKER_TIMEOUT && is_quiet(r))
			return BROKER_OK;
		else if (status == BROKER_TIMEOUT)
			(void)poll(&fd, 1, POLL_WAIT);
		if (status != BROKER_OK && status != BROKER_TIMEOUT)
			return status;
		tell(r, clock_monotonic());
	}
	return BROKER_OK;
}

enum broker_status audit_read_all(struct audit_reader *reader,
				  const struct config *config,
				  struct broker_problem *problem)
{
	const struct broker_config *b = &config->broker;
	struct broker_role role = {.role = "audit",
				   .login = config_login(b, &b->operator)};
	struct reading r = {.reader = reader,
			    .begun_wall = clock_wall(),
			    .heard = clock_monotonic()};
	enum broker_status status;

	r.broker = broker_open(b, &role, problem);
	if (r.broker == NULL)
		return problem->status;
	status = broker_consume_stream(r.broker, config->audit.exchange,
				       PREFETCH, problem);
	if (status == BROKER_OK)
		status = read_on(&r, problem);
	broker_close(r.broker);
	if (reader->shows_progress && r.told != 0)
		fprintf(stderr, "\r%" PRIu64 " entries read.\n", reader->lines);
	return status;
}
