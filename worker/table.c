/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/table.h"

#include <string.h>

struct field *table_add(struct table *table, struct arena *arena,
			struct text name, enum field_kind kind)
{
	if (table->count == table->room) {
		size_t room = table->room == 0 ? 8 : table->room * 2;
		struct field *fields =
			arena_array(arena, room, sizeof(*fields));
		if (table->count > 0)
			memcpy(fields, table->fields,
			       table->count * sizeof(*fields));
		table->fields = fields;
		table->room = room;
	}

	struct field *field = &table->fields[table->count++];
	*field = (struct field){.name = name, .kind = kind};
	return field;
}

void table_add_i64(struct table *table, struct arena *arena, const char *name,
		   int64_t value)
{
	table_add(table, arena, text_of(name), FIELD_I64)->as.i64 = value;
}

void table_add_i32(struct table *table, struct arena *arena, const char *name,
		   int32_t value)
{
	table_add(table, arena, text_of(name), FIELD_I32)->as.i64 = value;
}

void table_add_text(struct table *table, struct arena *arena, const char *name,
		    struct text value)
{
	table_add(table, arena, text_of(name), FIELD_STRING)->as.text = value;
}

void table_add_bool(struct table *table, struct arena *arena, const char *name,
		    bool value)
{
	table_add(table, arena, text_of(name), FIELD_BOOL)->as.boolean = value;
}

const struct field *table_find(const struct table *table, const char *name)
{
	struct text wanted = text_of(name);

	for (size_t i = 0; i < table->count; i++)
		if (text_eq(table->fields[i].name, wanted))
			return &table->fields[i];
	return NULL;
}

bool field_integer(const struct field *field, int64_t *value)
{
	switch (field->kind) {
	case FIELD_I8:
	case FIELD_I16:
	case FIELD_I32:
	case FIELD_I64:
		*value = field->as.i64;
		return true;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
		if (field->as.u64 > INT64_MAX)
			return false;
		*value = (int64_t)field->as.u64;
		return true;
	default:
		return false;
	}
}

bool field_text(const struct field *field, struct text *value)
{
	if (field->kind != FIELD_STRING && field->kind != FIELD_BYTES)
		return false;
	*value = field->as.text;
	return true;
}

static bool field_equal(const struct field *a, const struct field *b)
{
	if (a->kind != b->kind || !text_eq(a->name, b->name))
		return false;
	switch (a->kind) {
	case FIELD_BOOL:
		return a->as.boolean == b->as.boolean;
	case FIELD_I8:
	case FIELD_I16:
	case FIELD_I32:
	case FIELD_I64:
		return a->as.i64 == b->as.i64;
	case FIELD_U8:
	case FIELD_U16:
	case FIELD_U32:
	case FIELD_U64:
	case FIELD_TIMESTAMP:
		return a->as.u64 == b->as.u64;
	case FIELD_F32:
		return memcmp(&a->as.f32, &b->as.f32, sizeof(float)) == 0;
	case FIELD_F64:
		return memcmp(&a->as.f64, &b->as.f64, sizeof(double)) == 0;
	case FIELD_DECIMAL:
		return a->as.decimal.places == b->as.decimal.places &&
		       a->as.decimal.value == b->as.decimal.value;
	case FIELD_STRING:
	case FIELD_BYTES:
		return text_eq(a->as.text, b->as.text);
	case FIELD_ARRAY:
	case FIELD_TABLE:
		return table_equal(&a->as.table, &b->as.table);
	case FIELD_VOID:
		return true;
	}
	return false;
}

bool table_equal(const struct table *a, const struct table *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!field_equal(&a->fields[i], &b->fields[i]))
			return false;
	return true;
}

/* Bytes of a value on the wire, its type letter included. */
static size_t value_size(const struct field *field)
{
	size_t size = 1;

	switch (field->kind) {
	case FIELD_VOID:
		return size;
	case FIELD_BOOL:
	case FIELD_I8:
	case FIELD_U8:
		return size + 1;
	case FIELD_I16:
	case FIELD_U16:
		return size + 2;
	case FIELD_I32:
	case FIELD_U32:
	case FIELD_F32:
		return size + 4;
	case FIELD_DECIMAL:
		return size + 5;
	case FIELD_I64:
	case FIELD_U64:
	case FIELD_F64:
	case FIELD_TIMESTAMP:
		return size + 8;
	case FIELD_STRING:
	case FIELD_BYTES:
		return size + 4 + field->as.text.len;
	case FIELD_ARRAY:
		size += 4;
		for (size_t i = 0; i < field->as.table.count; i++)
			size += value_size(&field->as.table.fields[i]);
		return size;
	case FIELD_TABLE:
		return size + table_wire_size(&field->as.table);
	}
	return size;
}

size_t table_wire_size(const struct table *table)
{
	size_t size = 4;

	for (size_t i = 0; i < table->count; i++)
		size += 1 + table->fields[i].name.len +
			value_size(&table->fields[i]);
	return size;
}
