// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines: AEADs with a key in them.
 *
 * As with Kerberos (krb5/engine.c): what the crypto API makes of a key is a kilobyte and
 * more, so the contexts have their keys as they are, and each CPU has a lane with two
 * engines for each AEAD, one for each direction.  A record takes the lane of its CPU,
 * loads its key unless it is still there from the record before, and leaves it there.
 * Every key has a number that is never used again; whoever wipes a key looks for it in the
 * lanes that may have it.
 *
 * A lane is held for the transformation of one record.  Its holder may be preempted and
 * moved to another CPU; others who want the lane wait for it, as they would for the CPU.
 * The holder does not touch user memory, and takes no other lock.
 */
#include <crypto/aead.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "tls.h"

/* A record, which is not aligned, of vmalloc()ed memory; and what is authenticated besides */
#define KSEC_TLS_PAGES	(DIV_ROUND_UP(KSEC_TLS_MAX_PLAIN + 2048, PAGE_SIZE) + 1)

/* The longest initialisation vector of the AEADs, in bytes */
#define KSEC_TLS_MAX_IV	16

/**
 * struct ksec_tls_engine - an AEAD
 * @e_aead:    NULL - not made yet
 * @e_request: for it
 * @e_key:     number of the key in it, 0 - none
 */
struct ksec_tls_engine {
	struct crypto_aead *e_aead;
	struct aead_request *e_request;
	u64 e_key;
};

/**
 * struct ksec_tls_lane - what a record needs at work
 * @l_lock:   protects the rest
 * @l_bit:    its bit in ksec_tls_way.w_lanes
 * @l_engine: by row of the AEAD, to decrypt and to encrypt
 * @l_iv:     initialisation vector
 * @l_aad:    what is authenticated besides, where a scatterlist may point to
 * @l_sg:     that, and the pages of a record
 */
struct ksec_tls_lane {
	struct mutex l_lock;	/* protects what follows */
	unsigned int l_bit;
	struct ksec_tls_engine l_engine[KSEC_TLS_CIPHERS][2];
	u8 l_iv[KSEC_TLS_MAX_IV] __aligned(16);
	u8 l_aad[KSEC_TLS_AAD] __aligned(16);
	struct scatterlist l_sg[1 + KSEC_TLS_PAGES];
};

/* One for each CPU, made when it is first needed there. */
static struct ksec_tls_lane **ksec_tls_lanes;

static atomic64_t ksec_tls_ids = ATOMIC64_INIT(1);

static struct ksec_tls_lane *ksec_tls_lane(unsigned int cpu)
{
	struct ksec_tls_lane *lane = READ_ONCE(ksec_tls_lanes[cpu]), *other;

	if (likely(lane))
		return lane;
	lane = kzalloc(sizeof(*lane), GFP_KERNEL);
	if (!lane)
		return NULL;
	mutex_init(&lane->l_lock);
	lane->l_bit = cpu % BITS_PER_LONG;
	other = cmpxchg(&ksec_tls_lanes[cpu], NULL, lane);
	if (!other)
		return lane;
	kfree(lane);
	return other;
}

static void ksec_tls_engine_free(struct ksec_tls_engine *engine)
{
	if (!engine->e_aead)
		return;
	aead_request_free(engine->e_request);
	crypto_free_aead(engine->e_aead);
	engine->e_request = NULL;
	engine->e_aead = NULL;
	engine->e_key = 0;
}

static int ksec_tls_engine_make(struct ksec_tls_engine *engine,
				const struct ksec_tls_cipher *cipher)
{
	struct crypto_aead *aead;
	int err;

	if (engine->e_aead)
		return 0;
	/* A queue before some hardware costs more than the record does here. */
	aead = crypto_alloc_aead(cipher->c_aead, 0, CRYPTO_ALG_KERN_DRIVER_ONLY);
	if (IS_ERR(aead))
		return PTR_ERR(aead);
	err = crypto_aead_setauthsize(aead, KSEC_TLS_TAG);
	if (!err && WARN_ON_ONCE(crypto_aead_ivsize(aead) > KSEC_TLS_MAX_IV))
		err = -EINVAL;
	engine->e_request = err ? NULL : aead_request_alloc(aead, GFP_KERNEL);
	if (!engine->e_request) {
		crypto_free_aead(aead);
		return err ?: -ENOMEM;
	}
	engine->e_aead = aead;
	return 0;
}

/*
 * After an error nobody knows what is in the transform, a part of the key or that of
 * another context: then it goes, and the next who takes the engine makes it anew.
 */
static int ksec_tls_engine_load(struct ksec_tls_engine *engine, struct ksec_tls_lane *lane,
				const struct ksec_tls_cipher *cipher, struct ksec_tls_way *way)
{
	int err;

	if (likely(engine->e_key == way->w_id))
		return 0;
	err = ksec_tls_engine_make(engine, cipher);
	if (err)
		return err;
	engine->e_key = 0;
	set_bit(lane->l_bit, &way->w_lanes);
	err = crypto_aead_setkey(engine->e_aead, way->w_key, cipher->c_key_len);
	if (err)
		ksec_tls_engine_free(engine);
	else
		engine->e_key = way->w_id;
	return err;
}

/* The additional data and the text, whose memory may be mapped page by page. */
static void ksec_tls_map(struct ksec_tls_lane *lane, u32 aad_len, u8 *data, u32 len)
{
	struct scatterlist *sg = lane->l_sg;
	u32 n;

	if (likely(!is_vmalloc_addr(data))) {
		sg_init_table(sg, 2);
		sg_set_buf(&sg[0], lane->l_aad, aad_len);
		sg_set_buf(&sg[1], data, len);
		return;
	}
	sg_init_table(sg, ARRAY_SIZE(lane->l_sg));
	sg_set_buf(sg++, lane->l_aad, aad_len);
	for (; len; data += n, len -= n) {
		n = min_t(u32, len, PAGE_SIZE - offset_in_page(data));
		sg_set_page(sg++, vmalloc_to_page(data), n, offset_in_page(data));
	}
	sg_mark_end(sg - 1);
}

/**
 * ksec_tls_crypt() - protect or unprotect one text
 * @cipher: the AEAD
 * @way:    whose key; the caller holds its lock
 * @seal:   encrypt, and put the tag behind the text; otherwise verify the tag and
 *          decrypt
 * @text:   the text; at most KSEC_TLS_MAX_PLAIN + 2048 bytes with its tag, not on a stack
 *
 * Context: may sleep, takes the lock of a lane.
 * Return: 0; -EBADMSG for a tag that is wrong; -ENOMEM, -ENOENT if this kernel lacks the
 *         algorithm, or another error of the crypto API.  After any, the text is lost
 */
int ksec_tls_crypt(const struct ksec_tls_cipher *cipher, struct ksec_tls_way *way, bool seal,
		   const struct ksec_tls_text *text)
{
	struct ksec_tls_lane *lane = ksec_tls_lane(raw_smp_processor_id());
	struct ksec_tls_engine *engine;
	struct aead_request *req;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	lockdep_assert_held(&way->w_lock);
	if (!lane)
		return -ENOMEM;
	mutex_lock(&lane->l_lock);
	engine = &lane->l_engine[ksec_tls_row(cipher)][seal];
	err = ksec_tls_engine_load(engine, lane, cipher, way);
	if (err)
		goto unlock;

	lane->l_iv[0] = cipher->c_iv_first;
	memcpy(lane->l_iv + cipher->c_iv_at, text->t_nonce, KSEC_TLS_NONCE);
	memset(lane->l_iv + cipher->c_iv_at + KSEC_TLS_NONCE, 0,
	       sizeof(lane->l_iv) - cipher->c_iv_at - KSEC_TLS_NONCE);
	memcpy(lane->l_aad, text->t_aad, sizeof(lane->l_aad));
	ksec_tls_map(lane, text->t_aad_len, text->t_data, text->t_len + KSEC_TLS_TAG);

	req = engine->e_request;
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG | CRYPTO_TFM_REQ_MAY_SLEEP,
				  crypto_req_done, &wait);
	aead_request_set_ad(req, text->t_aad_len);
	aead_request_set_crypt(req, lane->l_sg, lane->l_sg,
			       text->t_len + (seal ? 0 : KSEC_TLS_TAG), lane->l_iv);
	err = crypto_wait_req(seal ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req), &wait);
unlock:
	mutex_unlock(&lane->l_lock);
	return err;
}

/**
 * ksec_tls_engine_ready() - whether this kernel has an AEAD
 * @cipher: its row
 *
 * Context: may sleep: whoever asks first waits for a module.
 * Return: 0, -ENOENT, -ENOMEM, or another error of the crypto API
 */
int ksec_tls_engine_ready(const struct ksec_tls_cipher *cipher)
{
	struct ksec_tls_lane *lane = ksec_tls_lane(raw_smp_processor_id());
	int err;

	if (!lane)
		return -ENOMEM;
	mutex_lock(&lane->l_lock);
	err = ksec_tls_engine_make(&lane->l_engine[ksec_tls_row(cipher)][true], cipher);
	mutex_unlock(&lane->l_lock);
	return err;
}

/**
 * ksec_tls_new_id() - a number for a key
 *
 * Return: one that no other key has or had
 */
u64 ksec_tls_new_id(void)
{
	return atomic64_fetch_inc(&ksec_tls_ids);
}

/**
 * ksec_tls_forget() - wipe a key from all engines
 * @cipher: the AEAD
 * @way:    whose key; nobody else uses it any more, or the caller holds its lock
 *
 * Context: may sleep, takes the locks of lanes one after the other.
 */
void ksec_tls_forget(const struct ksec_tls_cipher *cipher, struct ksec_tls_way *way)
{
	static const u8 zero[KSEC_TLS_MAX_KEY] __aligned(16);
	unsigned int cpu, seal, row = ksec_tls_row(cipher);

	if (!way->w_lanes)
		return;
	for_each_possible_cpu(cpu) {
		struct ksec_tls_lane *lane = READ_ONCE(ksec_tls_lanes[cpu]);

		if (!lane || !test_bit(lane->l_bit, &way->w_lanes))
			continue;
		mutex_lock(&lane->l_lock);
		for (seal = 0; seal < 2; seal++) {
			struct ksec_tls_engine *engine = &lane->l_engine[row][seal];

			if (engine->e_key != way->w_id)
				continue;
			engine->e_key = 0;
			/* What cannot be overwritten goes, and is wiped as well. */
			if (crypto_aead_setkey(engine->e_aead, zero, cipher->c_key_len))
				ksec_tls_engine_free(engine);
		}
		mutex_unlock(&lane->l_lock);
	}
	way->w_lanes = 0;
}

/**
 * ksec_tls_engine_init() - prepare the lanes
 *
 * Return: 0 or -ENOMEM
 */
int ksec_tls_engine_init(void)
{
	ksec_tls_lanes = kcalloc(nr_cpu_ids, sizeof(*ksec_tls_lanes), GFP_KERNEL);
	return ksec_tls_lanes ? 0 : -ENOMEM;
}

/**
 * ksec_tls_engine_exit() - free the lanes; nobody is at work any more
 */
void ksec_tls_engine_exit(void)
{
	unsigned int cpu, row, seal;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct ksec_tls_lane *lane = ksec_tls_lanes[cpu];

		if (!lane)
			continue;
		for (row = 0; row < KSEC_TLS_CIPHERS; row++) {
			for (seal = 0; seal < 2; seal++)
				ksec_tls_engine_free(&lane->l_engine[row][seal]);
		}
		kfree_sensitive(lane);
	}
	kfree(ksec_tls_lanes);
}
