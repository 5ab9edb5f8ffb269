/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_table.c - field tables, from rabbitmq-c's shape to ours and back.
 *
 * Kinds are the type letters of the wire in both. rabbitmq-c has decoded a
 * table wholly, by recursion, before it is seen here; what is nested deeper
 * than TABLE_DEPTH_MAX is dropped, so that nobody else needs a large stack.
 */
#include "worker/broker_amqp.h"

#define SHORT_STRING_MAX 255 /* AMQP 0-9-1, section 4.2.5.3 */

static bool read_table(const amqp_table_t *from, struct arena *arena,
		       struct table *to, unsigned depth);

static struct text read_bytes(amqp_bytes_t bytes, struct arena *arena)
{
	return arena_text(arena,
			  (struct text){.at = bytes.bytes, .len = bytes.len});
}

static bool read_value(const amqp_field_value_t *from, struct arena *arena,
		       struct field *to, unsigned depth);

static bool read_array(const amqp_array_t *from, struct arena *arena,
		       struct table *to, unsigned depth)
{
	bool whole = depth <= TABLE_DEPTH_MAX;

	for (int i = 0; depth <= TABLE_DEPTH_MAX && i < from->num_entries;
	     i++) {
		const amqp_field_value_t *value = &from->entries[i];
		struct field *field =
			table_add(to, arena, (struct text){0}, value->kind);

		whole &= read_value(value, arena, field, depth);
	}
	return whole;
}

/* Flat: one line a type. True if the value is there as it was sent. */
static bool read_value(const amqp_field_value_t *from, struct arena *arena,
		       struct field *to, unsigned depth)
{
	switch (to->kind) {
	case FIELD_BOOL:
		to->as.boolean = from->value.boolean;
		return true;
	case FIELD_I8:
		to->as.i64 = from->value.i8;
		return true;
	case FIELD_U8:
		to->as.u64 = from->value.u8;
		return true;
	case FIELD_I16:
		to->as.i64 = from->value.i16;
		return true;
	case FIELD_U16:
		to->as.u64 = from->value.u16;
		return true;
	case FIELD_I32:
		to->as.i64 = from->value.i32;
		return true;
	case FIELD_U32:
		to->as.u64 = from->value.u32;
		return true;
	case FIELD_I64:
		to->as.i64 = from->value.i64;
		return true;
	case FIELD_U64:
	case FIELD_TIMESTAMP:
		to->as.u64 = from->value.u64;
		return true;
	case FIELD_F32:
		to->as.f32 = from->value.f32;
		return true;
	case FIELD_F64:
		to->as.f64 = from->value.f64;
		return true;
	case FIELD_DECIMAL:
		to->as.decimal.places = from->value.decimal.decimals;
		to->as.decimal.value = from->value.decimal.value;
		return true;
	case FIELD_STRING:
	case FIELD_BYTES:
		to->as.text = read_bytes(from->value.bytes, arena);
		return true;
	case FIELD_ARRAY:
		return read_array(&from->value.array, arena, &to->as.table,
				  depth + 1);
	case FIELD_TABLE:
		return read_table(&from->value.table, arena, &to->as.table,
				  depth + 1);
	case FIELD_VOID:
		return true;
	}
	/* A type the library knows and we do not: it cannot be kept. */
	to->kind = FIELD_VOID;
	return false;
}

static bool read_table(const amqp_table_t *from, struct arena *arena,
		       struct table *to, unsigned depth)
{
	bool whole = depth <= TABLE_DEPTH_MAX;

	for (int i = 0; depth <= TABLE_DEPTH_MAX && i < from->num_entries;
	     i++) {
		const amqp_table_entry_t *entry = &from->entries[i];
		struct field *field =
			table_add(to, arena, read_bytes(entry->key, arena),
				  entry->value.kind);

		whole &= read_value(&entry->value, arena, field, depth);
	}
	return whole;
}

bool broker_table_read(const amqp_table_t *from, struct arena *arena,
		       struct table *to)
{
	return read_table(from, arena, to, 1);
}

/* --- to the library ------------------------------------------------------ */

static amqp_field_value_t write_value(const struct field *from,
				      struct arena *arena);

static amqp_array_t write_array(const struct table *from, struct arena *arena)
{
	amqp_array_t to = {
		.num_entries = (int)from->count,
		.entries = arena_array(arena, from->count,
				       sizeof(amqp_field_value_t)),
	};

	for (size_t i = 0; i < from->count; i++)
		to.entries[i] = write_value(&from->fields[i], arena);
	return to;
}

/* Flat: one line a type. */
static amqp_field_value_t write_value(const struct field *from,
				      struct arena *arena)
{
	amqp_field_value_t to = {.kind = (uint8_t)from->kind};

	switch (from->kind) {
	case FIELD_BOOL:
		to.value.boolean = from->as.boolean;
		break;
	case FIELD_I8:
		to.value.i8 = (int8_t)from->as.i64;
		break;
	case FIELD_U8:
		to.value.u8 = (uint8_t)from->as.u64;
		break;
	case FIELD_I16:
		to.value.i16 = (int16_t)from->as.i64;
		break;
	case FIELD_U16:
		to.value.u16 = (uint16_t)from->as.u64;
		break;
	case FIELD_I32:
		to.value.i32 = (int32_t)from->as.i64;
		break;
	case FIELD_U32:
		to.value.u32 = (uint32_t)from->as.u64;
		break;
	case FIELD_I64:
		to.value.i64 = from->as.i64;
		break;
	case FIELD_U64:
	case FIELD_TIMESTAMP:
		to.value.u64 = from->as.u64;
		break;
	case FIELD_F32:
		to.value.f32 = from->as.f32;
		break;
	case FIELD_F64:
		to.value.f64 = from->as.f64;
		break;
	case FIELD_DECIMAL:
		to.value.decimal.decimals = from->as.decimal.places;
		to.value.decimal.value = from->as.decimal.value;
		break;
	case FIELD_STRING:
	case FIELD_BYTES:
		to.value.bytes = broker_bytes(from->as.text);
		break;
	case FIELD_ARRAY:
		to.value.array = write_array(&from->as.table, arena);
		break;
	case FIELD_TABLE:
		to.value.table = broker_table_write(&from->as.table, arena);
		break;
	case FIELD_VOID:
		break;
	}
	return to;
}

amqp_table_t broker_table_write(const struct table *from, struct arena *arena)
{
	amqp_table_t to = {
		.num_entries = (int)from->count,
		.entries = arena_array(arena, from->count,
				       sizeof(amqp_table_entry_t)),
	};

	for (size_t i = 0; i < from->count; i++)
		to.entries[i] = (amqp_table_entry_t){
			.key = broker_bytes(from->fields[i].name),
			.value = write_value(&from->fields[i], arena),
		};
	return to;
}

bool broker_table_fits(const struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct field *field = &table->fields[i];

		if (field->name.len > SHORT_STRING_MAX)
			return false;
		if ((field->kind == FIELD_TABLE ||
		     field->kind == FIELD_ARRAY) &&
		    !broker_table_fits(&field->as.table))
			return false;
	}
	return true;
}
