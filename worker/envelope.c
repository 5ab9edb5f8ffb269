/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/envelope.h"

#include <string.h>

#include "worker/deadline.h"
#include "worker/message_type.h"

#define PREFIX       "rebound-"
#define WAS          "rebound-was-"
#define ORIGINAL     "rebound-original-"
#define NAME_MAX_LEN 255 /* of a header: a short string */

/* Bytes of rebound-steps, as they would be written. What workers write is far
   less; more would not stay below a quarter of the frame. */
#define STEPS_SIZE_MAX 16384
#define STEP_AROUND    128 /* of a step, without its texts and failures */
#define FAILURE_AROUND 10  /* of one error type, without its name */

/* Headers that the broker sets, or that would make it send a copy astray. */
static bool breaks_a_copy(struct text name)
{
	static const char *const names[] = {"x-death", "x-delivery-count",
					    "x-acquired-count", "CC", "BCC"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is(name, names[i]))
			return true;
	return text_starts(name, "x-first-death-") ||
	       text_starts(name, "x-last-death-");
}

static bool is_kept(struct text name)
{
	return text_starts(name, WAS) || text_starts(name, ORIGINAL);
}

static void add_field(struct table *table, struct arena *arena,
		      struct text name, const struct field *value)
{
	struct field *field = table_add(table, arena, name, value->kind);

	field->as = value->as;
}

/* Sets a header of ours, or that pretends to be, aside. */
static void set_aside(struct envelope *e, const struct field *field)
{
	struct arena *arena = &e->message->arena;
	size_t prefix = strlen(PREFIX);
	size_t room = NAME_MAX_LEN - strlen(WAS);
	struct text rest = {.at = field->name.at + prefix,
			    .len = field->name.len - prefix};

	if (text_starts(field->name, WAS)) {
		add_field(&e->kept, arena, field->name, field);
		return;
	}
	if (rest.len > room)
		rest.len = room;
	add_field(&e->kept, arena,
		  text_of(arena_printf(arena, WAS "%.*s", (int)rest.len,
				       rest.at)),
		  field);
}

/* Divides the headers into those that travel, those kept and the rest. */
static void divide(struct envelope *e, bool believed)
{
	const struct table *headers = &e->message->headers;
	struct arena *arena = &e->message->arena;

	e->carried = (struct table){0};
	e->kept = (struct table){0};
	for (size_t i = 0; i < headers->count; i++) {
		const struct field *field = &headers->fields[i];

		if (text_starts(field->name, PREFIX)) {
			if (!believed)
				set_aside(e, field);
			else if (is_kept(field->name))
				add_field(&e->kept, arena, field->name, field);
		} else if (!breaks_a_copy(field->name)) {
			add_field(&e->carried, arena, field->name, field);
		}
	}
}

/* Keeps what a copy must not have, under names of ours, once. */
static void keep_originals(struct envelope *e)
{
	struct arena *arena = &e->message->arena;
	const struct properties *p = &e->message->properties;
	const struct field *cc = table_find(&e->message->headers, "CC");

	if (p->expiration.at != NULL &&
	    table_find(&e->kept, ORIGINAL "expiration") == NULL)
		table_add_text(&e->kept, arena, ORIGINAL "expiration",
			       p->expiration);
	if (p->user_id.at != NULL &&
	    table_find(&e->kept, ORIGINAL "user-id") == NULL)
		table_add_text(&e->kept, arena, ORIGINAL "user-id", p->user_id);
	if (cc != NULL && table_find(&e->kept, ORIGINAL "cc") == NULL)
		add_field(&e->kept, arena, TEXT(ORIGINAL "cc"), cc);
}

/* --- reading the state --------------------------------------------------- */

static bool get_integer(const struct table *table, const char *name,
			int64_t least, int64_t most, int64_t otherwise,
			int64_t *value)
{
	const struct field *field = table_find(table, name);

	if (field == NULL) {
		*value = otherwise;
		return true;
	}
	return field_integer(field, value) && *value >= least && *value <= most;
}

static bool get_text(const struct table *table, const char *name,
		     struct text *value)
{
	const struct field *field = table_find(table, name);

	*value = (struct text){0};
	return field == NULL || field_text(field, value);
}

/* Names and ids of AMQP are short strings; ours are copied from such. */
static bool get_short(const struct table *table, const char *name,
		      struct text *value)
{
	return get_text(table, name, value) && value->len <= NAME_MAX_LEN;
}

static bool read_failures(const struct table *table, struct step *step)
{
	const struct field *field = table_find(table, "failures");

	if (field == NULL)
		return true;
	if (field->kind != FIELD_TABLE ||
	    field->as.table.count > STEP_ERRORS_MAX)
		return false;
	for (size_t i = 0; i < field->as.table.count; i++) {
		const struct field *entry = &field->as.table.fields[i];
		int64_t count;

		if (!field_integer(entry, &count) || count < 0 ||
		    count > UINT32_MAX)
			return false;
		step->failures[i] = (struct step_errors){
			.error = entry->name, .count = (uint32_t)count};
	}
	step->failure_count = field->as.table.count;
	return true;
}

static bool read_step(const struct field *field, struct step *step)
{
	const struct table *table = &field->as.table;
	struct text state;
	int64_t attempts;
	int64_t status;

	if (field->kind != FIELD_TABLE)
		return false;
	*step = (struct step){.name = field->name};
	if (!get_text(table, "state", &state) ||
	    !step_state_parse(state, &step->state) ||
	    !get_integer(table, "attempts", 0, UINT32_MAX, 0, &attempts) ||
	    !get_integer(table, "status", 0, 999, 0, &status) ||
	    !get_integer(table, "at-ms", 0, INT64_MAX, 0, &step->at_wall) ||
	    !get_integer(table, "rest-ms", 0, INT64_MAX / 2, 0, &step->rest) ||
	    !get_text(table, "error", &step->error) ||
	    !read_failures(table, step))
		return false;
	step->attempts = (uint32_t)attempts;
	step->status = (int)status;
	return true;
}

/* At most so many bytes are written of a step. */
static size_t step_size(const struct step *step)
{
	size_t size = STEP_AROUND + step->name.len + step->error.len;

	for (size_t i = 0; i < step->failure_count; i++)
		size += FAILURE_AROUND + step->failures[i].error.len;
	return size;
}

/* A step is large (policy/step.h), and most messages have one. */
static void make_room(struct envelope *e, size_t room)
{
	struct step *steps;

	if (room <= e->step_room)
		return;
	steps = arena_array(&e->message->arena, room, sizeof(*steps));
	for (size_t i = 0; i < e->step_count; i++)
		steps[i] = e->steps[i];
	e->steps = steps;
	e->step_room = room;
}

static bool read_steps(struct envelope *e)
{
	size_t size = 0;
	const struct field *steps =
		table_find(&e->message->headers, "rebound-steps");

	if (steps == NULL)
		return true;
	if (steps->kind != FIELD_TABLE ||
	    steps->as.table.count > ENVELOPE_STEPS_MAX)
		return false;
	make_room(e, steps->as.table.count);
	for (size_t i = 0; i < steps->as.table.count; i++) {
		if (!read_step(&steps->as.table.fields[i], &e->steps[i]))
			return false;
		size += step_size(&e->steps[i]);
	}
	e->step_count = steps->as.table.count;
	return size <= STEPS_SIZE_MAX;
}

static bool read_journal(struct envelope *e)
{
	const struct table *headers = &e->message->headers;
	const struct field *journal = table_find(headers, "rebound-journal");

	if (!get_integer(headers, "rebound-journal-dropped", 0, INT64_MAX / 2,
			 0, &e->journal_dropped))
		return false;
	if (journal == NULL)
		return true;
	if (journal->kind != FIELD_ARRAY)
		return false;
	for (size_t i = 0; i < journal->as.table.count; i++) {
		const struct field *entry = &journal->as.table.fields[i];

		if (entry->kind != FIELD_TABLE)
			return false;
		add_field(&e->journal, &e->message->arena, entry->name, entry);
	}
	return true;
}

/* How long it has been held, this time included, which ends now. */
static const char *read_held(struct envelope *e, millis wall)
{
	const struct table *headers = &e->message->headers;
	int64_t since;

	if (!get_integer(headers, "rebound-held-ms", 0, INT64_MAX / 2, 0,
			 &e->held))
		return "the header rebound-held-ms is not a number";
	if (!get_integer(headers, "rebound-held-since-ms", 0, INT64_MAX, 0,
			 &since))
		return "the header rebound-held-since-ms is not a number";
	if (since > 0 && wall > since)
		e->held += wall - since;
	return NULL;
}

/* What the message is at: a route is gone along, or back. */
static const char *read_way(struct envelope *e)
{
	const struct table *headers = &e->message->headers;
	struct text state;

	e->state = ROUTE_DELIVERING;
	if (!get_text(headers, "rebound-state", &state) ||
	    (state.len > 0 && !route_state_parse(state, &e->state)))
		return "the header rebound-state is neither delivering nor "
		       "compensating";
	if (e->state != ROUTE_COMPENSATING)
		return NULL;
	if (!get_integer(headers, "rebound-compensating-since-ms", 0, INT64_MAX,
			 -1, &e->compensating_since_wall) ||
	    e->compensating_since_wall < 0)
		return "the header rebound-compensating-since-ms is missing or "
		       "not a number";
	return NULL;
}

static const char *read_state(struct envelope *e, millis wall)
{
	const struct table *headers = &e->message->headers;
	const char *flaw;
	int64_t version;

	if (!get_integer(headers, "rebound-v", 1, INT32_MAX, 0, &version) ||
	    version == 0)
		return "the header rebound-v is missing or not a number";
	if (version > ENVELOPE_VERSION)
		return "the header rebound-v is of a later version of rebound";
	if (!get_short(headers, "rebound-id", &e->id) || e->id.len == 0)
		return "the header rebound-id is missing or not a string of at "
		       "most 255 bytes";
	if (!get_integer(headers, "rebound-first-seen-ms", 0, INT64_MAX, -1,
			 &e->first_seen_wall) ||
	    e->first_seen_wall < 0)
		return "the header rebound-first-seen-ms is missing or not a "
		       "number";
	if (!get_integer(headers, "rebound-rest-ms", 0, INT64_MAX, 0, &e->rest))
		return "the header rebound-rest-ms is not a number";
	flaw = read_held(e, wall);
	if (flaw == NULL)
		flaw = read_way(e);
	if (flaw != NULL)
		return flaw;
	if (!get_short(headers, "rebound-origin-exchange", &e->origin_exchange))
		return "the header rebound-origin-exchange is not a string of "
		       "at most 255 bytes";
	if (!read_steps(e))
		return "the header rebound-steps is not a table of steps, or "
		       "too "
		       "large";
	if (!read_journal(e))
		return "the header rebound-journal is not an array of tables";
	return NULL;
}

/* The wait of a delay queue ends early when the queue is released: the newest
   entry of x-death then says "rejected". */
static bool was_released(const struct message *message)
{
	const struct field *deaths = table_find(&message->headers, "x-death");
	const struct field *newest;
	struct text reason;

	if (deaths == NULL || deaths->kind != FIELD_ARRAY ||
	    deaths->as.table.count == 0)
		return false;
	newest = &deaths->as.table.fields[0];
	return newest->kind == FIELD_TABLE &&
	       get_text(&newest->as.table, "reason", &reason) &&
	       text_is(reason, "rejected");
}

static bool is_believed(const struct pipeline_config *pipeline,
			const struct message *message)
{
	struct text owner;

	return get_text(&message->headers, "rebound-pipeline", &owner) &&
	       text_is(owner, pipeline->name) &&
	       text_is(message->exchange, pipeline->exchange);
}

/* Until when it is worth delivering, if it says so. */
static void read_deadline(struct envelope *e)
{
	const char *name = e->pipeline->deadline_header;
	const struct field *field =
		name == NULL ? NULL : table_find(&e->message->headers, name);

	if (field == NULL)
		return;
	e->has_deadline = deadline_read(field, &e->deadline_wall);
	e->is_deadline_odd = !e->has_deadline;
}

/* The envelope of a message that is seen for the first time. */
static void open_fresh(struct envelope *e, millis wall, const char *fresh_id)
{
	struct message *m = e->message;
	struct text fresh = {.at = fresh_id, .len = strlen(fresh_id)};

	e->id = m->properties.message_id;
	if (e->id.len == 0)
		e->id = arena_text(&m->arena, fresh);
	e->first_seen_wall = wall;
	e->rest = 0;
	e->held = 0;
	e->state = ROUTE_DELIVERING;
	e->compensating_since_wall = 0;
	e->is_return = false;
	e->step_count = 0;
	e->journal = (struct table){0};
	e->journal_dropped = 0;
	e->origin_exchange = m->exchange;
	divide(e, false);
}

/*
 * A wait that was cut short is over: what was due first is due now, and all
 * else is as much later as it was. A step that says nothing waits as long as
 * the message, for no step is due before it.
 */
static void settle_rest(struct envelope *e)
{
	struct text lane;
	millis cut = 0;

	if (e->rest > 0 && was_released(e->message) &&
	    get_text(&e->message->headers, "rebound-lane", &lane) &&
	    !envelope_lane_is_ladder(lane))
		cut = e->rest;
	for (size_t i = 0; i < e->step_count; i++) {
		struct step *step = &e->steps[i];

		if (step->state != STEP_WAITING || step->rest < e->rest)
			step->rest = step->state == STEP_WAITING ? e->rest : 0;
		step->rest -= step->rest < cut ? step->rest : cut;
	}
	e->rest -= cut;
}

bool envelope_open(struct envelope *envelope,
		   const struct pipeline_config *pipeline,
		   struct message *message, millis wall, const char *fresh_id)
{
	struct envelope *e = envelope;
	int64_t count;

	*e = (struct envelope){.pipeline = pipeline, .message = message};
	e->type = message_type(&pipeline->type_from, message);
	read_deadline(e);
	e->origin_key = message->routing_key;
	/* On a first delivery the header is not the broker's, but what the
	   publisher sent. */
	if (message->redelivered &&
	    get_integer(&message->headers, "x-delivery-count", 0, UINT32_MAX, 0,
			&count))
		e->delivery_count = (uint32_t)count;

	if (!is_believed(pipeline, message)) {
		open_fresh(e, wall, fresh_id);
		keep_originals(e);
		return true;
	}
	e->flaw = read_state(e, wall);
	if (e->flaw != NULL) {
		open_fresh(e, wall, fresh_id);
		keep_originals(e);
		return false;
	}
	e->is_return = true;
	divide(e, true);
	keep_originals(e);
	settle_rest(e);
	return true;
}

bool envelope_lane_is_ladder(struct text lane)
{
	return text_starts(lane, "v1._.");
}

struct step *envelope_step(struct envelope *envelope, const char *name)
{
	struct envelope *e = envelope;

	for (size_t i = 0; i < e->step_count; i++)
		if (text_is(e->steps[i].name, name))
			return &e->steps[i];
	if (e->step_count == ENVELOPE_STEPS_MAX)
		return NULL;
	make_room(e, e->step_count + 1);
	e->steps[e->step_count] = (struct step){.name = text_of(name)};
	return &e->steps[e->step_count++];
}
