/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/publish_item.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "operator/file.h"

bool item_load(struct publish_item *item)
{
	size_t len;

	item->bytes = file_read(item->file, &len);
	item->copy.body = (struct text){.at = item->bytes, .len = len};
	return item->bytes != NULL;
}

void item_unload(struct publish_item *item)
{
	free(item->bytes);
	item->bytes = NULL;
	item->copy.body = (struct text){0};
}

const char *item_content_type(const char *file)
{
	static const char *const types[][2] = {
		{".json", "application/json"},
		{".xml", "application/xml"},
		{".hl7", "x-application/hl7-v2+er7"},
		{".txt", "text/plain"},
		{".csv", "text/csv"},
	};
	const char *suffix = strrchr(file, '.');

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (suffix != NULL && strcasecmp(suffix, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

const char *publish_result_name(enum publish_result result)
{
	switch (result) {
	case PUBLISH_UNSENT:
		return "unsent";
	case PUBLISH_WAITING:
		return "unconfirmed";
	case PUBLISH_CONFIRMED:
		return "confirmed";
	case PUBLISH_RETURNED:
		return "returned";
	case PUBLISH_REFUSED:
		return "refused";
	case PUBLISH_TOO_BIG:
		return "too-big";
	case PUBLISH_UNREAD:
		return "unread";
	}
	return "?";
}

const char *publish_result_mend(enum publish_result result)
{
	switch (result) {
	case PUBLISH_UNSENT:
		return "Unsent messages have not left this program";
	case PUBLISH_WAITING:
		return "Unconfirmed messages may have arrived or not: look, "
		       "or publish them again with the same ids";
	case PUBLISH_CONFIRMED:
		return "Confirmed messages are safe with the broker";
	case PUBLISH_RETURNED:
		return "Returned messages met no queue: look at the keys of "
		       "the pipeline, and at rebound topology verify";
	case PUBLISH_REFUSED:
		return "Refused messages met a queue that is full, or has too "
		       "few nodes up";
	case PUBLISH_TOO_BIG:
		return "Too big are messages whose headers or properties do "
		       "not fit one frame of AMQP: send less of them";
	case PUBLISH_UNREAD:
		return "Files that could not be read were not published";
	}
	return "?";
}
