/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/config_nearest.h"

#include <stdint.h>
#include <string.h>

#define NAME_MAX_LEN 63

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Row by row, of the edits between the first i and the first j characters
 * ("optimal string alignment": no part is edited twice).
 */
size_t nearest_edits(const char *a, const char *b)
{
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t a_len = strnlen(a, NAME_MAX_LEN);
	size_t b_len = strnlen(b, NAME_MAX_LEN);

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i - 1) % 3];
		const size_t *second = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t differs = a[i - 1] != b[j - 1];

			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + differs);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

void nearest_init(struct nearest *nearest, const char *wanted)
{
	*nearest = (struct nearest){.wanted = wanted, .edits = SIZE_MAX};
}

void nearest_offer(struct nearest *nearest, const char *name)
{
	size_t edits = nearest_edits(nearest->wanted, name);
	size_t bound = strlen(name) / 3;

	if (edits > (bound < 2 ? 2 : bound) || edits >= strlen(name) ||
	    edits >= nearest->edits)
		return;
	nearest->name = name;
	nearest->edits = edits;
}
