/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_actor.c - who this process is, as the system says.
 */
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "worker/audit.h"

static void name_user(char name[AUDIT_NAME_MAX])
{
	struct passwd entry;
	struct passwd *found = NULL;
	char buffer[4096];

	if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) == 0 &&
	    found != NULL)
		snprintf(name, AUDIT_NAME_MAX, "%s", found->pw_name);
	else
		snprintf(name, AUDIT_NAME_MAX, "uid %ld", (long)getuid());
}

void audit_actor_here(struct audit_actor *actor, const char *login,
		      const char *program, char names[2][AUDIT_NAME_MAX])
{
	name_user(names[0]);
	if (gethostname(names[1], AUDIT_NAME_MAX - 1) != 0)
		snprintf(names[1], AUDIT_NAME_MAX, "?");
	names[1][AUDIT_NAME_MAX - 1] = '\0';
	*actor = (struct audit_actor){
		.login = login,
		.os_user = names[0],
		.host = names[1],
		.program = program,
		.pid = (long)getpid(),
	};
}
