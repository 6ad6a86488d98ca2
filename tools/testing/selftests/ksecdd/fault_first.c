// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first message after the module was loaded, with one fault after the other: it
 * sets up what all later ones find there.
 *
 * Runs where the module is not loaded, and leaves it so.
 */
#include <unistd.h>

#include "env.h"
#include "session.h"
#include "suite.h"
#include "sweep.h"
#include "tools/testing/tap/tap.h"

static struct testhelper th;
static struct session s;
static uint8_t data[300], token[16];

static void first_before(const void *arg)
{
	(void)arg;
	REQUIRE_EQ(module_load(), 0);
	testhelper_start(&th);
	session_open(&s, TEST_SEAL_FLAGS);
	fill(data, sizeof(data), 1);
}

static int32_t first_run(const void *arg)
{
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, sizeof(data)), buffer(SECBUFFER_TOKEN, token, 16),
	};
	struct ksecdd_message msg = { 0 };
	int err = message_call(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 2, &msg);

	(void)arg;
	return err ? err : msg.status;
}

static void first_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	uint8_t plain[sizeof(data)];

	(void)arg;
	(void)kind;
	fill(plain, sizeof(plain), 1);
	if (outcome == SEC_E_OK) {
		CHECK(client_decrypt(&s, data, sizeof(data), token));
		CHECK_MEM(data, plain, sizeof(data));
	}
	/* A message that could not be read or written is another test's. */
	if (outcome != -EFAULT)
		CHECK(session_works(&s));
	session_close(&s);
	testhelper_stop(&th);
	module_must_unload();
}

static const struct sweep rows[] = {
	{ .name = "the first message after loading", .faults = &sweep_ioctl,
	  .before = first_before, .run = first_run, .after = first_after },
};

int main(int argc, char **argv)
{
	if (!access("/sys/module/ksecdd", F_OK))
		tap_bail("the module is loaded; this takes a guest with BARE=1");
	return sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
}
