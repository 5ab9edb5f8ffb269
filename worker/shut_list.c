/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/shut_list.h"

#include <stdlib.h>

#include "worker/mem.h"

void shut_list_init(struct shut_list *shut, size_t room)
{
	*shut = (struct shut_list){
		.list = mem_array(room, sizeof(*shut->list)),
		.room = room,
	};
}

void shut_list_fini(struct shut_list *shut)
{
	free(shut->list);
	*shut = (struct shut_list){0};
}

static struct shut_exchange *find(const struct shut_list *shut,
				  struct text name)
{
	for (size_t i = 0; i < shut->count; i++)
		if (text_eq(shut->list[i].name, name))
			return &shut->list[i];
	return NULL;
}

void shut_list_add(struct shut_list *shut, struct text name, millis until)
{
	struct shut_exchange *found = find(shut, name);

	if (found != NULL)
		found->until = until;
	else if (shut->count < shut->room)
		shut->list[shut->count++] =
			(struct shut_exchange){.name = name, .until = until};
}

void shut_list_remove(struct shut_list *shut, struct text name)
{
	struct shut_exchange *found = find(shut, name);

	if (found != NULL)
		*found = shut->list[--shut->count];
}

enum shut_state shut_list_state(const struct shut_list *shut, struct text name,
				millis now)
{
	const struct shut_exchange *found = find(shut, name);

	if (found == NULL)
		return SHUT_OPEN;
	return found->until > now ? SHUT_SHUT : SHUT_TRY_ALONE;
}
