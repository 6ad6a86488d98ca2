// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log knows a name for every status that the header has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/status.h"
#include "tools/testing/tap/tap.h"

#define HEADER	"uapi/linux/ksecdd_sspi.h"

int main(void)
{
	char line[256], name[64];
	unsigned int value;
	FILE *file;

	file = fopen(HEADER, "r");
	if (!file)
		tap_bail("%s: run this at the top of the tree", HEADER);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "#define %63[A-Z_] ((__s32)%x)", name, &value) == 2)
			tap_ok(!strcmp(status_name((int32_t)value), name), "%s", name);
	fclose(file);
	tap_ok(!strcmp(status_name(1), "unknown status"), "another one");
	return tap_done();
}
