/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_envelope.c - the promises of worker/envelope.h, for headers that anyone
   may have made up. Input: a byte of choices, and then a table as make_table
   reads it. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "worker/envelope.h"

#define DEPTH_MAX 8
#define LARGE     40000
#define FRAME_MAX 131072
#define WALL      ((millis)1700000000000)

static const struct pipeline_config pipeline = {
	.name = "lab",
	.exchange = "rebound.lab",
	.delay_exchange = "rebound.lab.delay",
	.parking = "rebound.lab.parking",
};

/* Names that mean something to the envelope. */
static const char *const names[] = {
	"rebound-v",
	"rebound-pipeline",
	"rebound-id",
	"rebound-first-seen-ms",
	"rebound-rest-ms",
	"rebound-lane",
	"rebound-steps",
	"rebound-journal",
	"rebound-journal-dropped",
	"rebound-origin-exchange",
	"rebound-was-v",
	"rebound-original-cc",
	"rebound-original-expiration",
	"rebound-parked-reason",
	"x-death",
	"x-first-death-queue",
	"x-last-death-reason",
	"x-delivery-count",
	"x-acquired-count",
	"CC",
	"BCC",
	"state",
	"attempts",
	"failures",
	"at-ms",
	"status",
	"error",
	"reason",
	"ehr",
	"patient",
	"rebound-state",
	"rebound-compensating-since-ms",
	"rest-ms",
};

/* Texts that mean something to it. */
static const char *const texts[] = {"lab",     "waiting",  "done",
				    "failed",  "rejected", "v1.ehr.5s",
				    "v1._.5s", "503"};

static const char kinds[] = "FAStbBsuIilLfdDxTV";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Makes headers out of the input. */
struct maker {
	struct feed feed;
	struct arena *arena;
	bool has_repeated; /* once an input, or they grow without bounds */
};

static struct text make_name(struct maker *m)
{
	uint8_t which = feed_byte(&m->feed);

	if (which < COUNT(names))
		return text_of(names[which]);
	return feed_text(&m->feed, which);
}

/* The highest byte stands for a text that fills a good part of a frame. */
static struct text make_text(struct maker *m)
{
	uint8_t which = feed_byte(&m->feed);

	if (which < COUNT(texts))
		return text_of(texts[which]);
	if (which == UINT8_MAX)
		return (struct text){.at = arena_alloc(m->arena, LARGE),
				     .len = LARGE};
	return feed_text(&m->feed, which);
}

static void make_table(struct maker *m, bool is_array, unsigned depth,
		       struct table *table);

static void make_value(struct maker *m, unsigned depth, struct field *field)
{
	switch (field->kind) {
	case FIELD_TABLE:
	case FIELD_ARRAY:
		if (depth < DEPTH_MAX)
			make_table(m, field->kind == FIELD_ARRAY, depth + 1,
				   &field->as.table);
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		field->as.text = make_text(m);
		break;
	case FIELD_BOOL:
		field->as.boolean = feed_byte(&m->feed) & 1;
		break;
	case FIELD_VOID:
		break;
	case FIELD_F32:
		field->as.f32 = (float)feed_byte(&m->feed);
		break;
	case FIELD_DECIMAL:
		field->as.decimal.places = feed_byte(&m->feed);
		break;
	case FIELD_I64:
	case FIELD_U64:
		field->as.u64 = feed_number(&m->feed, 8);
		break;
	default:
		field->as.u64 = feed_number(&m->feed, 1);
	}
}

static void repeat_last(struct maker *m, unsigned count, struct table *table)
{
	if (table->count == 0 || m->has_repeated)
		return;
	m->has_repeated = true;
	struct field last = table->fields[table->count - 1];

	for (unsigned i = 0; i < count; i++)
		*table_add(table, m->arena, last.name, last.kind) = last;
}

/* A byte that counts, and then so many fields: name, kind, value. With the
   highest bit, the last field is there once more for each that was counted. */
static void make_table(struct maker *m, bool is_array, unsigned depth,
		       struct table *table)
{
	uint8_t byte = feed_byte(&m->feed);
	unsigned count = byte & 0x7fu;

	for (unsigned i = 0; i < count && m->feed.rest.len > 0; i++) {
		struct text name = is_array ? (struct text){0} : make_name(m);
		size_t kind = feed_byte(&m->feed) % (COUNT(kinds) - 1);
		struct field *field =
			table_add(table, m->arena, name,
				  (enum field_kind)(uint8_t)kinds[kind]);

		make_value(m, depth, field);
	}
	if ((byte & 0x80u) != 0)
		repeat_last(m, count, table);
}

/* --- what must hold ------------------------------------------------------ */

static bool is_ours(struct text name)
{
	return text_starts(name, "rebound-") &&
	       !text_starts(name, "rebound-was-") &&
	       !text_starts(name, "rebound-original-");
}

static bool may_not_travel(struct text name)
{
	return text_is(name, "x-death") || text_is(name, "CC") ||
	       text_is(name, "BCC") || text_is(name, "x-delivery-count") ||
	       text_is(name, "x-acquired-count") ||
	       text_starts(name, "x-first-death-") ||
	       text_starts(name, "x-last-death-");
}

static void add(struct table *to, struct arena *arena,
		const struct field *field)
{
	*table_add(to, arena, field->name, field->kind) = *field;
}

/* Of a copy: the publisher's headers, and ours. */
static void divide(const struct table *headers, struct arena *arena,
		   struct table *theirs, struct table *ours)
{
	for (size_t i = 0; i < headers->count; i++) {
		const struct field *field = &headers->fields[i];

		fuzz_expect(field->name.len <= 255, "a name is a short string");
		if (is_ours(field->name))
			add(ours, arena, field);
		else if (!text_starts(field->name, "rebound-"))
			add(theirs, arena, field);
	}
}

/* What a copy must not have is kept under names of ours. */
static void check_kept(const struct message *m, const struct copy *copy,
		       bool slim)
{
	const struct table *headers = &copy->headers;
	const struct properties *p = &m->properties;

	fuzz_expect(p->expiration.at == NULL ||
			    table_find(headers,
				       "rebound-original-expiration") != NULL,
		    "the expiration is kept");
	fuzz_expect(p->user_id.at == NULL ||
			    table_find(headers, "rebound-original-user-id") !=
				    NULL,
		    "the user-id is kept");
	fuzz_expect(slim || table_find(&m->headers, "CC") == NULL ||
			    table_find(headers, "rebound-original-cc") != NULL,
		    "the CC is kept");
}

static void check_copy(const struct message *m, const struct copy *copy)
{
	struct arena arena;
	struct table sent = {0};
	struct table theirs = {0};
	struct table ours = {0};

	arena_init(&arena);
	for (size_t i = 0; i < m->headers.count; i++)
		if (!text_starts(m->headers.fields[i].name, "rebound-") &&
		    !may_not_travel(m->headers.fields[i].name))
			add(&sent, &arena, &m->headers.fields[i]);
	divide(&copy->headers, &arena, &theirs, &ours);
	fuzz_expect(table_equal(&sent, &theirs),
		    "the publisher's headers travel unchanged, and no others");
	fuzz_expect(table_wire_size(&ours) < FRAME_MAX / 4,
		    "our headers stay below a quarter of the frame");
	fuzz_expect(copy->properties.delivery_mode == 2,
		    "a copy is persistent");
	fuzz_expect(copy->properties.expiration.at == NULL &&
			    copy->properties.user_id.at == NULL,
		    "expiration and user-id do not travel");
	fuzz_expect(text_eq(copy->body, m->body) &&
			    text_eq(copy->routing_key, m->routing_key),
		    "body and routing key are as they were");
	arena_fini(&arena);
}

/* The copy comes back from our exchange, and is read as what it was; but for
   state at the edge of what can be, to which something was added. */
static void check_return(const struct envelope *e, const struct copy *copy,
			 millis rest, bool has_grown)
{
	struct message *m = message_new();
	struct envelope back;

	m->exchange = text_of(pipeline.exchange);
	m->routing_key = copy->routing_key;
	m->properties = copy->properties;
	m->headers = copy->headers;
	bool is_read = envelope_open(&back, &pipeline, m, WALL + 1, "another");

	if (!is_read && has_grown && strstr(back.flaw, "steps") != NULL) {
		message_free(m);
		return;
	}
	fuzz_expect(is_read, "what was written can be read");
	fuzz_expect(back.is_return && text_eq(back.id, e->id) &&
			    back.first_seen_wall == e->first_seen_wall &&
			    back.step_count == e->step_count &&
			    back.journal.count == e->journal.count &&
			    back.rest == rest,
		    "state comes back as it was written");
	message_free(m);
}

static void note(struct envelope *e)
{
	struct step *step = envelope_step(e, "ehr");

	if (step != NULL)
		step_count_failure(step, TEXT("throttled"));
	envelope_note(e, &(struct envelope_attempt){
				 .at_wall = WALL,
				 .step = TEXT("ehr"),
				 .error = "throttled",
				 .class = CLASS_TRANSIENT,
				 .status = 429,
				 .policy_version = "0123456789ab",
				 .worker = "host-1",
			 });
	fuzz_expect(e->journal.count <= ENVELOPE_JOURNAL_MAX,
		    "the journal is bounded");
}

static void use(struct envelope *e, bool slim, bool has_grown)
{
	const struct envelope_stamp stamp = {.policy_version = "0123456789ab",
					     .frame_max = FRAME_MAX,
					     .slim = slim};
	const struct envelope_parking parking = {
		.reason = PARK_PERMANENT,
		.class = "permanent",
		.error = e->flaw != NULL ? e->flaw : "schema",
		.step = TEXT("ehr"),
		.at_wall = WALL,
	};

	struct copy copy = envelope_retry(e, &stamp, TEXT("v1.ehr.5s"), 7);
	check_copy(e->message, &copy);
	check_kept(e->message, &copy, slim);
	check_return(e, &copy, 7, has_grown);
	copy = envelope_park(e, &stamp, &parking);
	check_copy(e->message, &copy);
	check_kept(e->message, &copy, slim);
	check_return(e, &copy, 0, has_grown);
}

/* State that is believed, before what the input adds. */
static void add_state(struct message *m, bool whole)
{
	struct arena *arena = &m->arena;

	table_add_text(&m->headers, arena, "rebound-pipeline", TEXT("lab"));
	table_add_i32(&m->headers, arena, "rebound-v", 1);
	if (!whole)
		return;
	table_add_text(&m->headers, arena, "rebound-id", TEXT("id"));
	table_add_i64(&m->headers, arena, "rebound-first-seen-ms", WALL);
}

void fuzz_envelope(struct text input)
{
	struct message *m = message_new();
	struct maker maker = {.feed = {.rest = input}, .arena = &m->arena};
	uint8_t choices = feed_byte(&maker.feed);
	struct envelope e;

	m->exchange = (choices & 1) != 0 ? TEXT("rebound.lab") : TEXT("events");
	m->routing_key = TEXT("lab.result");
	m->body = TEXT("body");
	if ((choices & 2) != 0)
		m->properties.expiration = TEXT("60000");
	if ((choices & 64) != 0)
		m->properties.user_id = TEXT("guest");
	if ((choices & 4) != 0)
		add_state(m, (choices & 8) != 0);
	make_table(&maker, false, 1, &m->headers);
	bool is_read = envelope_open(&e, &pipeline, m, WALL, "fresh");

	fuzz_expect(is_read == (e.flaw == NULL), "what is not read has a flaw");
	fuzz_expect(e.id.len > 0, "a message has an id");
	fuzz_expect(e.rest >= 0, "no rest is negative");
	if ((choices & 16) != 0)
		note(&e);
	use(&e, (choices & 32) != 0, (choices & 16) != 0);
	message_free(m);
}
