/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_table.c - field tables as they come over the wire, decoded by the
   library, read by worker/broker_table.c, and written again. */
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "worker/broker_amqp.h"
#include "worker/table.h"

/* The library decodes by recursion: more is a matter of stack, not of us. */
#define INPUT_MAX 8192

/* Writes a table to the wire and reads it back. */
static void go_round(const struct table *table, struct arena *arena,
		     amqp_pool_t *pool)
{
	amqp_table_t written = broker_table_write(table, arena);
	size_t size = table_wire_size(table);
	amqp_bytes_t wire = {.len = size, .bytes = arena_alloc(arena, size)};
	struct table again = {0};
	amqp_table_t decoded;
	size_t at = 0;

	fuzz_expect(amqp_encode_table(wire, &written, &at) == AMQP_STATUS_OK,
		    "a table fits what is said to be its size");
	fuzz_expect(at == size, "a table has the size that it is said to have");
	at = 0;
	fuzz_expect(amqp_decode_table(wire, pool, &decoded, &at) ==
			    AMQP_STATUS_OK,
		    "what is written can be decoded");
	fuzz_expect(broker_table_read(&decoded, arena, &again),
		    "what is written is not too deep");
	fuzz_expect(table_equal(table, &again),
		    "a table comes back as it was written");
}

void fuzz_table(struct text input)
{
	amqp_pool_t pool;
	struct arena arena;
	struct table table = {0};
	amqp_table_t decoded;
	size_t at = 0;

	if (input.len > INPUT_MAX)
		return;
	init_amqp_pool(&pool, 4096);
	arena_init(&arena);
	if (amqp_decode_table(broker_bytes(input), &pool, &decoded, &at) ==
	    AMQP_STATUS_OK) {
		bool whole = broker_table_read(&decoded, &arena, &table);

		fuzz_expect(broker_table_fits(&table),
			    "names from the wire are short strings");
		if (whole)
			go_round(&table, &arena, &pool);
	}
	arena_fini(&arena);
	empty_amqp_pool(&pool);
}
