// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing AcceptSecurityContext: the descriptors of buffers that a program gives, and
 * what it gets back.
 *
 * Input: what the program gives, then what the kernel answers.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/ksecdd_digest.h>

#include "sspi_kernel.h"

#define BUFFERS_MAX	6
#define POISON		0xa5

/* struct desc - a descriptor with buffers of its own, each in memory of its own */
struct desc {
	SecBufferDesc desc;
	SecBuffer *buffers;
	SecBuffer before[BUFFERS_MAX];
	ULONG n;
	bool given;
};

static struct fuzz_input in;
static struct desc input, output;
static SECURITY_STATUS answered;
static uint32_t answered_len, answered_extra, answered_missing;
static uint8_t *answered_token;
static bool asked, failed_call;

static void take_desc(struct desc *d)
{
	static const ULONG types[] = {
		SECBUFFER_TOKEN, SECBUFFER_TOKEN, SECBUFFER_CHANNEL_BINDINGS, SECBUFFER_DATA,
		SECBUFFER_EMPTY, SECBUFFER_APPLICATION_PROTOCOLS, SECBUFFER_ALERT,
		SECBUFFER_TOKEN | SECBUFFER_READONLY, SECBUFFER_PKG_PARAMS,
		SECBUFFER_PKG_PARAMS | SECBUFFER_READONLY,
	};
	uint8_t how = fuzz_take8(&in);
	ULONG i;

	d->given = !(how & 1);
	d->n = how >> 4 > BUFFERS_MAX ? 1 : how >> 4;
	d->buffers = calloc(d->n ? d->n : 1, sizeof(*d->buffers));
	if (!d->buffers)
		abort();
	for (i = 0; i < d->n; i++) {
		uint8_t kind = fuzz_take8(&in);
		size_t len = fuzz_take_below(&in, 200);

		d->buffers[i].BufferType = types[kind % (sizeof(types) / sizeof(types[0]))];
		d->buffers[i].cbBuffer = len;
		d->buffers[i].pvBuffer = kind & 0x80 ? NULL : fuzz_copy((uint8_t[200]){ 0 }, len);
		d->before[i] = d->buffers[i];
	}
	d->desc = (SecBufferDesc){ SECBUFFER_VERSION, d->n, d->buffers };
	if (how & 2)
		d->desc.ulVersion = fuzz_take32(&in);
	if (how & 4)
		d->desc.pBuffers = NULL;
	if (how & 8)
		d->desc.cBuffers = fuzz_take8(&in) % (d->n + 1) ? d->n : 65 + fuzz_take32(&in) % 1000;
}

static void free_desc(struct desc *d)
{
	ULONG i;

	for (i = 0; i < d->n; i++)
		free(d->before[i].pvBuffer);
	free(d->buffers);
}

static bool is_desc(const struct desc *d)
{
	return d->desc.ulVersion == SECBUFFER_VERSION && d->desc.cBuffers <= KSECDD_MAX_BUFFERS &&
	       (d->desc.pBuffers || !d->desc.cBuffers);
}

static int find(const struct desc *d, ULONG type)
{
	ULONG i;

	for (i = 0; d->given && is_desc(d) && i < d->desc.cBuffers; i++)
		if ((d->buffers[i].BufferType & ~SECBUFFER_ATTRMASK) == type)
			return i;
	return -1;
}

/* The kernel reads all that it is told to read; ASan sees what is not there. */
static void check_section(uint64_t ptr, uint32_t len, int index)
{
	fuzz_assert(ptr || !len, "%u bytes nowhere", len);
	free(fuzz_copy((const void *)(uintptr_t)ptr, len));
	if (index < 0)
		fuzz_assert(!ptr && !len, "a section from nowhere");
	else
		fuzz_assert(ptr == (uintptr_t)input.buffers[index].pvBuffer &&
			    len == input.buffers[index].cbBuffer, "another section");
}

/* Application protocols as they are, or a copy of the first SECBUFFER_PKG_PARAMS */
static void check_params(const struct ksecdd_accept *cmd)
{
	int protocols = find(&input, SECBUFFER_APPLICATION_PROTOCOLS);
	uint32_t len[KSECDD_DIGEST_PARTS] = { 0 };
	struct ksecdd_digest *digest;
	uint8_t *p;
	ULONG i, n = 0;

	if (!cmd->params_type || cmd->params_type == KSECDD_PARAMS_PROTOCOLS) {
		check_section(cmd->params, cmd->params_len, protocols);
		fuzz_assert(!cmd->params_len == !cmd->params_type, "of type %u", cmd->params_type);
		return;
	}
	fuzz_assert(cmd->params_type == KSECDD_PARAMS_DIGEST, "of type %u", cmd->params_type);
	fuzz_assert(protocols < 0 || !input.buffers[protocols].cbBuffer, "protocols are lost");
	digest = fuzz_copy((const void *)(uintptr_t)cmd->params, cmd->params_len);
	fuzz_assert(cmd->params_len > sizeof(*digest) && !digest->flags, "no parameters");
	p = digest->data;
	for (i = 0; i < input.desc.cBuffers && n < KSECDD_DIGEST_PARTS; i++) {
		const SecBuffer *buffer = &input.buffers[i];

		if ((buffer->BufferType & ~SECBUFFER_ATTRMASK) != SECBUFFER_PKG_PARAMS)
			continue;
		len[n++] = buffer->cbBuffer;
		fuzz_assert(fuzz_is_within(p, buffer->cbBuffer, (uint8_t *)digest, cmd->params_len),
			    "a part is cut");
		fuzz_assert(!buffer->cbBuffer || !memcmp(p, buffer->pvBuffer, buffer->cbBuffer),
			    "another part");
		p += buffer->cbBuffer;
	}
	fuzz_assert(!memcmp(len, digest->len, sizeof(len)), "other lengths");
	fuzz_assert(p == (uint8_t *)digest + cmd->params_len, "more than the parts");
	free(digest);
}

static int accept(unsigned long request, void *arg)
{
	struct ksecdd_accept *cmd = arg;
	int err = sspi_take_errno(&in);
	size_t len;

	fuzz_assert(request == KSECDD_IOC_ACCEPT && cmd->size == sizeof(*cmd), "another call");
	asked = true;
	check_section(cmd->token, cmd->token_len, find(&input, SECBUFFER_TOKEN));
	check_section(cmd->bindings, cmd->bindings_len, find(&input, SECBUFFER_CHANNEL_BINDINGS));
	check_params(cmd);
	fuzz_assert(!cmd->extra_len && !cmd->missing_len, "not zero");
	fuzz_assert(cmd->out || !cmd->out_len, "room of %u bytes nowhere", cmd->out_len);
	failed_call = err;
	if (err)
		return err;
	answered = sspi_take_status(&in);
	answered_token = fuzz_take_bytes(&in, 255, &len);
	if (SEC_SUCCESS(answered) && len > cmd->out_len)
		answered = SEC_E_BUFFER_TOO_SMALL;
	if (answered == SEC_E_BUFFER_TOO_SMALL) {
		len = cmd->out_len + 1;
	} else if (!SEC_SUCCESS(answered)) {
		/* The token that says why, where somebody wants it and it fits */
		if (!(cmd->req_flags & ASC_REQ_EXTENDED_ERROR) || len > cmd->out_len)
			len = 0;
	}
	if (answered != SEC_E_BUFFER_TOO_SMALL && len)
		memcpy((void *)(uintptr_t)cmd->out, answered_token, len);
	answered_len = cmd->out_len = len;
	cmd->status = answered;
	if (SEC_SUCCESS(answered)) {
		cmd->new_context = 0x100000002;
		cmd->ret_flags = fuzz_take32(&in);
		cmd->expiry = fuzz_take64(&in);
		answered_extra = cmd->extra_len = fuzz_take8(&in);
	} else if (answered == SEC_E_INCOMPLETE_MESSAGE) {
		answered_missing = cmd->missing_len = fuzz_take8(&in);
	}
	return 0;
}

/* The buffers are what they were, but for the one that got the token. */
static void check_desc(const struct desc *d, int except)
{
	ULONG i;

	for (i = 0; i < d->n; i++)
		if ((int)i != except)
			fuzz_assert(!memcmp(&d->buffers[i], &d->before[i], sizeof(SecBuffer)),
				    "buffer %u was changed", i);
}

/* What was not used, or is missing, is told in place of a SECBUFFER_EMPTY. */
static void check_input(int empty)
{
	const SecBuffer *told = empty < 0 ? NULL : &input.buffers[empty];

	if (!told || (!answered_extra && !answered_missing)) {
		check_desc(&input, -1);
		return;
	}
	check_desc(&input, empty);
	fuzz_assert(told->BufferType == (answered_missing ? SECBUFFER_MISSING : SECBUFFER_EXTRA) &&
		    told->cbBuffer == answered_extra + answered_missing &&
		    told->pvBuffer == input.before[empty].pvBuffer, "the rest of the input");
}

/* The token of a failure, in the SECBUFFER_ALERT and not in the SECBUFFER_TOKEN */
static void check_alert(int index, int token, bool allocated)
{
	const SecBuffer *alert = &output.buffers[index], *before = &output.before[index];
	bool fits = allocated || (before->pvBuffer && before->cbBuffer >= answered_len);
	ULONG i;

	for (i = 0; i < output.n; i++)
		if ((int)i != index && (int)i != token)
			fuzz_assert(!memcmp(&output.buffers[i], &output.before[i],
					    sizeof(SecBuffer)), "buffer %u was changed", i);
	fuzz_assert(!output.buffers[token].cbBuffer, "the token is there twice");
	fuzz_assert(alert->cbBuffer == (fits ? answered_len : 0), "an alert of %u bytes",
		    alert->cbBuffer);
	fuzz_assert(!fits || !memcmp(alert->pvBuffer, answered_token, answered_len),
		    "another alert");
	if (allocated)
		fuzz_assert(FreeContextBuffer(alert->pvBuffer) == SEC_E_OK, "it cannot be freed");
}

static void check_token(int index, bool allocated)
{
	const SecBuffer *out = &output.buffers[index];

	fuzz_assert(out->cbBuffer == answered_len, "%u bytes and not %u", out->cbBuffer,
		    answered_len);
	fuzz_assert(out->BufferType == output.before[index].BufferType, "another type");
	fuzz_assert(!answered_len || !memcmp(out->pvBuffer, answered_token, answered_len),
		    "another token");
	if (!allocated) {
		fuzz_assert(out->pvBuffer == output.before[index].pvBuffer, "another buffer");
		return;
	}
	fuzz_assert(!out->pvBuffer == !answered_len, "memory without a token");
	fuzz_assert(FreeContextBuffer(out->pvBuffer) == SEC_E_OK, "it cannot be freed");
	if (out->pvBuffer)
		fuzz_assert(FreeContextBuffer(out->pvBuffer) == SEC_E_INVALID_HANDLE,
			    "it can be freed twice");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct {
		CtxtHandle context;
		ULONG attributes;
		TimeStamp expiry;
	} got;
	CredHandle credential = { 1, 1 };
	CtxtHandle context = { 2, 1 };
	uint8_t gives, more;
	SECURITY_STATUS status;
	int token, alert, empty;
	ULONG flags;

	in = (struct fuzz_input){ data, size };
	sspi_kernel = accept;
	asked = failed_call = false;
	answered_token = NULL;
	answered = SEC_E_INTERNAL_ERROR;
	answered_len = answered_extra = answered_missing = 0;
	gives = fuzz_take8(&in);
	more = fuzz_take8(&in);
	flags = (gives & 1 ? ASC_REQ_ALLOCATE_MEMORY : 0) | (gives & 2 ? ASC_REQ_EXTENDED_ERROR : 0);
	take_desc(&input);
	take_desc(&output);
	empty = find(&input, SECBUFFER_EMPTY);
	memset(&got, POISON, sizeof(got));

	status = AcceptSecurityContext(gives & 4 ? NULL : &credential, gives & 8 ? &context : NULL,
				       input.given ? &input.desc : NULL, flags,
				       SECURITY_NATIVE_DREP, gives & 16 ? NULL : &got.context,
				       output.given ? &output.desc : NULL,
				       gives & 32 ? NULL : &got.attributes,
				       more & 1 ? NULL : &got.expiry);

	token = find(&output, SECBUFFER_TOKEN);
	alert = token < 0 ? -1 : find(&output, SECBUFFER_ALERT);
	check_input(empty);
	fuzz_assert(asked || !SEC_SUCCESS(status), "0x%x without the kernel", status);
	fuzz_assert(!asked || failed_call || status == answered, "0x%x, and the kernel said 0x%x",
		    status, answered);
	if (SEC_SUCCESS(status)) {
		check_desc(&output, token);
		fuzz_assert(token >= 0 || !answered_len, "the token is lost");
		if (token >= 0)
			check_token(token, flags & ASC_REQ_ALLOCATE_MEMORY);
		fuzz_assert(gives & 16 || (got.context.dwLower == 2 && got.context.dwUpper == 1),
			    "another context");
		fuzz_assert(!(got.attributes & ASC_RET_ALLOCATED_MEMORY) ==
			    !(flags & ASC_REQ_ALLOCATE_MEMORY), "who allocated is wrong");
	} else {
		bool told = asked && !failed_call && (flags & ASC_REQ_EXTENDED_ERROR) &&
			    answered != SEC_E_BUFFER_TOO_SMALL;

		if (told && alert >= 0 && answered_len) {
			check_alert(alert, token, flags & ASC_REQ_ALLOCATE_MEMORY);
		} else {
			check_desc(&output, told ? token : -1);
			if (told && token >= 0)
				check_token(token, flags & ASC_REQ_ALLOCATE_MEMORY);
		}
		fuzz_assert(fuzz_is_all(&got, POISON, sizeof(got)), "0x%x, and written", status);
	}
	free(answered_token);
	free_desc(&input);
	free_desc(&output);
	return 0;
}
