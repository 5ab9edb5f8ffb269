/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - AMQP field tables: the headers of a message, and queue arguments.
 *
 * Every field type of AMQP 0-9-1 as RabbitMQ speaks it (its errata, "Field
 * types"; the values of the enum are the type letters on the wire), so that a
 * header goes through unchanged, whatever its type. Nothing here knows the
 * library that decodes them. All memory belongs to an arena.
 */
#ifndef WORKER_TABLE_H
#define WORKER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/text.h"
#include "worker/arena.h"

enum field_kind {
	FIELD_BOOL = 't',
	FIELD_I8 = 'b',
	FIELD_U8 = 'B',
	FIELD_I16 = 's',
	FIELD_U16 = 'u',
	FIELD_I32 = 'I',
	FIELD_U32 = 'i',
	FIELD_I64 = 'l',
	FIELD_U64 = 'L',
	FIELD_F32 = 'f',
	FIELD_F64 = 'd',
	FIELD_DECIMAL = 'D',
	FIELD_STRING = 'S',
	FIELD_BYTES = 'x',
	FIELD_ARRAY = 'A',
	FIELD_TIMESTAMP = 'T',
	FIELD_TABLE = 'F',
	FIELD_VOID = 'V',
};

struct field;

/* Fields in their order. Names may repeat; then the first one counts. */
struct table {
	struct field *fields;
	size_t count;
	size_t room; /* entries allocated; count <= room */
};

struct decimal {
	uint8_t places; /* digits behind the point */
	uint32_t value;
};

struct field {
	struct text name; /* up to 255 bytes; empty in an array */
	enum field_kind kind;
	union {
		bool boolean;
		int64_t i64;  /* the signed integers */
		uint64_t u64; /* the unsigned ones; FIELD_TIMESTAMP: seconds */
		float f32;
		double f64;
		struct decimal decimal;
		struct text text;   /* FIELD_STRING, FIELD_BYTES */
		struct table table; /* FIELD_TABLE, FIELD_ARRAY */
	} as;
};

/* Appends a zeroed field of that name (kept, not copied) and kind. Valid
   until the next addition to the same table. */
struct field *table_add(struct table *table, struct arena *arena,
			struct text name, enum field_kind kind);

/* The same with a value. Texts are kept, not copied. */
void table_add_i64(struct table *table, struct arena *arena, const char *name,
		   int64_t value);
void table_add_i32(struct table *table, struct arena *arena, const char *name,
		   int32_t value);
void table_add_text(struct table *table, struct arena *arena, const char *name,
		    struct text value);
void table_add_bool(struct table *table, struct arena *arena, const char *name,
		    bool value);

/* The first field of that name, or NULL. Valid as long as the table. */
const struct field *table_find(const struct table *table, const char *name);

/* The value of a whole number of any width. False if it is none, or does not
   fit; *value is then left alone. */
bool field_integer(const struct field *field, int64_t *value);

/* The bytes of a string or byte array; false for another kind. */
bool field_text(const struct field *field, struct text *value);

/* True if both hold the same names, kinds and values in the same order;
   floats are compared by their bits. */
bool table_equal(const struct table *a, const struct table *b);

/* Bytes that the table takes on the wire, its 4-byte length included. */
size_t table_wire_size(const struct table *table);

/* Depth of nesting: 1 for a table without tables or arrays in it. */
#define TABLE_DEPTH_MAX 64

#endif
