/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope_write.c - the journal, and the copies that carry a message on.
 */
#include "worker/envelope.h"

#include <string.h>

/* Drops entry `at` of the journal. */
static void forget(struct envelope *e, size_t at)
{
	struct table *journal = &e->journal;

	memmove(&journal->fields[at], &journal->fields[at + 1],
		(journal->count - at - 1) * sizeof(journal->fields[0]));
	journal->count--;
	e->journal_dropped++;
}

void envelope_note(struct envelope *envelope,
		   const struct envelope_attempt *attempt)
{
	struct envelope *e = envelope;
	struct arena *arena = &e->message->arena;
	struct field *entry;
	struct table *table;

	while (e->journal.count >= ENVELOPE_JOURNAL_MAX)
		forget(e, 1);
	entry = table_add(&e->journal, arena, TEXT(""), FIELD_TABLE);
	table = &entry->as.table;
	table_add_i64(table, arena, "at-ms", attempt->at_wall);
	table_add_text(table, arena, "step", attempt->step);
	table_add_text(table, arena, "error", text_of(attempt->error));
	table_add_text(table, arena, "class",
		       text_of(error_class_name(attempt->class)));
	table_add_i32(table, arena, "status", attempt->status);
	table_add_i64(table, arena, "duration-ms", attempt->duration);
	table_add_i64(table, arena, "delay-ms", attempt->delay);
	table_add_text(table, arena, "policy",
		       text_of(attempt->policy_version));
	table_add_text(table, arena, "worker", text_of(attempt->worker));
	if (attempt->detail.len > 0)
		table_add_text(table, arena, "detail", attempt->detail);
}

static void write_step(struct table *steps, struct arena *arena,
		       const struct step *step)
{
	struct table table = {0};
	struct table failures = {0};

	table_add_text(&table, arena, "state",
		       text_of(step_state_name(step->state)));
	table_add_i64(&table, arena, "attempts", step->attempts);
	for (size_t i = 0; i < step->failure_count; i++) {
		struct field *field = table_add(
			&failures, arena, step->failures[i].error, FIELD_I64);

		field->as.i64 = step->failures[i].count;
	}
	table_add(&table, arena, TEXT("failures"), FIELD_TABLE)->as.table =
		failures;
	table_add_i64(&table, arena, "at-ms", step->at_wall);
	table_add_i32(&table, arena, "status", step->status);
	table_add_text(&table, arena, "error", step->error);
	if (step->state == STEP_WAITING && step->rest > 0)
		table_add_i64(&table, arena, "rest-ms", step->rest);
	table_add(steps, arena, step->name, FIELD_TABLE)->as.table = table;
}

/* What the message is at. */
static void write_way(const struct envelope *e, struct table *ours)
{
	struct arena *arena = &e->message->arena;

	table_add_text(ours, arena, "rebound-state",
		       text_of(route_state_name(e->state)));
	if (e->state == ROUTE_COMPENSATING)
		table_add_i64(ours, arena, "rebound-compensating-since-ms",
			      e->compensating_since_wall);
}

/* The headers of ours that every copy has, but for the journal. */
static struct table write_state(struct envelope *e,
				const struct envelope_stamp *stamp)
{
	struct arena *arena = &e->message->arena;
	struct table ours = {0};
	struct table steps = {0};

	table_add_i32(&ours, arena, "rebound-v", ENVELOPE_VERSION);
	table_add_text(&ours, arena, "rebound-pipeline",
		       text_of(e->pipeline->name));
	table_add_text(&ours, arena, "rebound-id", e->id);
	table_add_i64(&ours, arena, "rebound-first-seen-ms",
		      e->first_seen_wall);
	if (e->held > 0)
		table_add_i64(&ours, arena, "rebound-held-ms", e->held);
	table_add_text(&ours, arena, "rebound-policy",
		       text_of(stamp->policy_version));
	write_way(e, &ours);
	table_add_text(&ours, arena, "rebound-origin-exchange",
		       e->origin_exchange);
	for (size_t i = 0; i < e->step_count; i++)
		write_step(&steps, arena, &e->steps[i]);
	table_add(&ours, arena, TEXT("rebound-steps"), FIELD_TABLE)->as.table =
		steps;
	return ours;
}

static size_t field_size(const struct field *field)
{
	const struct table alone = {
		.fields = (struct field *)field, .count = 1, .room = 1};

	return table_wire_size(&alone);
}

/* Bytes of the journal's array without its entries, and of their count. */
#define JOURNAL_AROUND 64

/*
 * Appends the journal, as much of it as keeps our headers below `budget`
 * bytes: the newest entry stays longest, and then the first. Slim: the newest
 * alone. An entry that is too large by itself, which was not written here,
 * goes too.
 */
static void write_journal(struct envelope *e, struct table *ours, size_t budget,
			  bool slim)
{
	struct arena *arena = &e->message->arena;
	size_t size = table_wire_size(ours) + JOURNAL_AROUND;

	for (size_t i = 0; i < e->journal.count; i++)
		size += field_size(&e->journal.fields[i]);
	while (e->journal.count > 0 &&
	       (size > budget || (slim && e->journal.count > 1))) {
		size_t at = slim || e->journal.count <= 2 ? 0 : 1;

		size -= field_size(&e->journal.fields[at]);
		forget(e, at);
	}
	if (e->journal.count > 0)
		table_add(ours, arena, TEXT("rebound-journal"), FIELD_ARRAY)
			->as.table = e->journal;
	if (e->journal_dropped > 0)
		table_add_i64(ours, arena, "rebound-journal-dropped",
			      e->journal_dropped);
}

static void append(struct table *to, struct arena *arena,
		   const struct table *from)
{
	for (size_t i = 0; i < from->count; i++)
		table_add(to, arena, from->fields[i].name, from->fields[i].kind)
			->as = from->fields[i].as;
}

/* What is kept goes on, in a slim copy only as far as it is short. */
static void append_kept(struct envelope *e, struct table *to, bool slim)
{
	for (size_t i = 0; i < e->kept.count; i++) {
		const struct field *field = &e->kept.fields[i];

		if (slim && (text_starts(field->name, "rebound-was-") ||
			     text_is(field->name, "rebound-original-cc")))
			continue;
		table_add(to, &e->message->arena, field->name, field->kind)
			->as = field->as;
	}
}

static struct copy make_copy(struct envelope *e,
			     const struct envelope_stamp *stamp,
			     struct table ours, const char *exchange)
{
	struct message *m = e->message;
	struct copy copy = {
		.exchange = text_of(exchange),
		.routing_key = m->routing_key,
		.properties = m->properties,
		.body = m->body,
	};

	write_journal(e, &ours, stamp->frame_max / 4, stamp->slim);
	append(&copy.headers, &m->arena, &e->carried);
	append_kept(e, &copy.headers, stamp->slim);
	append(&copy.headers, &m->arena, &ours);
	copy.properties.has_headers = true;
	copy.properties.has_delivery_mode = true;
	copy.properties.delivery_mode = 2;
	copy.properties.expiration = (struct text){0};
	copy.properties.user_id = (struct text){0};
	return copy;
}

struct copy envelope_retry(struct envelope *envelope,
			   const struct envelope_stamp *stamp, struct text lane,
			   millis rest)
{
	struct arena *arena = &envelope->message->arena;
	struct table ours = write_state(envelope, stamp);

	table_add_text(&ours, arena, "rebound-lane", lane);
	if (rest > 0)
		table_add_i64(&ours, arena, "rebound-rest-ms", rest);
	if (stamp->held_at_wall > 0)
		table_add_i64(&ours, arena, "rebound-held-since-ms",
			      stamp->held_at_wall);
	return make_copy(envelope, stamp, ours,
			 envelope->pipeline->delay_exchange);
}

void envelope_name(struct envelope *envelope, struct table *names,
		   const char *name)
{
	table_add_text(names, &envelope->message->arena, "", text_of(name));
}

static void write_names(struct table *ours, struct arena *arena,
			const char *header, const struct table *names)
{
	if (names->count > 0)
		table_add(ours, arena, text_of(header), FIELD_ARRAY)->as.table =
			*names;
}

struct copy envelope_park(struct envelope *envelope,
			  const struct envelope_stamp *stamp,
			  const struct envelope_parking *parking)
{
	struct arena *arena = &envelope->message->arena;
	struct table ours;

	/* Nothing waits any more. */
	for (size_t i = 0; i < envelope->step_count; i++)
		envelope->steps[i].rest = 0;
	ours = write_state(envelope, stamp);
	table_add_text(&ours, arena, "rebound-parked-reason",
		       text_of(park_reason_name(parking->reason)));
	if (parking->as != NULL)
		table_add_text(&ours, arena, "rebound-parked-as",
			       text_of(parking->as));
	if (parking->class != NULL)
		table_add_text(&ours, arena, "rebound-parked-class",
			       text_of(parking->class));
	if (parking->error != NULL)
		table_add_text(&ours, arena, "rebound-parked-error",
			       text_of(parking->error));
	if (parking->step.len > 0)
		table_add_text(&ours, arena, "rebound-parked-step",
			       parking->step);
	write_names(&ours, arena, "rebound-parked-missing", &parking->missing);
	write_names(&ours, arena, "rebound-parked-left", &parking->left);
	table_add_i64(&ours, arena, "rebound-parked-at-ms", parking->at_wall);
	table_add_text(&ours, arena, "rebound-origin-key",
		       envelope->origin_key);
	return make_copy(envelope, stamp, ours, envelope->pipeline->parking);
}
