// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines: ciphers and keyed hashes with a key in them.
 *
 * What the crypto API makes of a key for AES and HMAC is a kilobyte and more,
 * too much for a context that may be one of a hundred thousand, and little work
 * compared with a message.  So each CPU has a lane with two engines for each
 * encryption type, one for each direction, and a context has nothing but its
 * keys as they are.  A message takes the lane of its CPU, loads its keys unless
 * they are still there from the message before, and leaves them there.
 *
 * When a context goes, its keys must go from everywhere.  It knows in which
 * lanes they may be; every key has a number that is never used again, so that a
 * look at the engine tells.  All keys of an engine are of the same lengths: one
 * that is loaded leaves nothing of the one before.
 *
 * A lane is held for the transformation of one message.  Its holder may be
 * preempted and moved to another CPU; others who want the lane wait for it, as
 * they would for the CPU.  The holder does not touch user memory.
 */
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/crypto.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "krb5.h"

/* Of vmalloc()ed memory, so many pages are one call. */
#define KSEC_KRB5_PAGES	16

/* A hash may run with preemption off: give way after so many bytes. */
#define KSEC_KRB5_PIECE	SZ_4K

/**
 * struct ksec_krb5_engine - keyed transforms of an encryption type
 * @e_lane:       whose
 * @e_cipher:     CBC; NULL - not made yet
 * @e_request:    for @e_cipher
 * @e_mac:        the keyed hash
 * @e_cipher_key: number of the key in @e_cipher, 0 - none
 * @e_mac_key:    number of the key in @e_mac, 0 - none
 */
struct ksec_krb5_engine {
	struct ksec_krb5_lane *e_lane;
	struct crypto_skcipher *e_cipher;
	struct skcipher_request *e_request;
	struct crypto_shash *e_mac;
	u64 e_cipher_key;
	u64 e_mac_key;
};

/**
 * struct ksec_krb5_lane - what a message needs at work
 * @l_lock:   protects the rest
 * @l_bit:    its bit in ksec_krb5_keys.k_lanes
 * @l_engine: by row of the encryption type and by direction
 * @l_iv:     initialisation vector
 * @l_block:  room for one block, where a scatterlist may point to
 * @l_sg:     pages of a message
 * @l_desc:   a struct shash_desc
 */
struct ksec_krb5_lane {
	struct mutex l_lock;	/* protects what follows */
	unsigned int l_bit;
	struct ksec_krb5_engine l_engine[KSEC_KRB5_ENCTYPES][KSEC_KRB5_WAYS];
	u8 l_iv[KSEC_KRB5_BLOCK] __aligned(16);
	u8 l_block[KSEC_KRB5_BLOCK] __aligned(16);
	struct scatterlist l_sg[KSEC_KRB5_PAGES];
	u8 l_desc[sizeof(struct shash_desc) + HASH_MAX_DESCSIZE]
		__aligned(__alignof__(struct shash_desc));
};

/* One for each CPU, made when it is first needed there. */
static struct ksec_krb5_lane **ksec_krb5_lanes;

static atomic64_t ksec_krb5_ids = ATOMIC64_INIT(1);

static struct ksec_krb5_lane *ksec_krb5_lane(unsigned int cpu)
{
	struct ksec_krb5_lane *lane = READ_ONCE(ksec_krb5_lanes[cpu]), *other;

	if (likely(lane))
		return lane;
	lane = kzalloc(sizeof(*lane), GFP_KERNEL);
	if (!lane)
		return NULL;
	mutex_init(&lane->l_lock);
	lane->l_bit = cpu % BITS_PER_LONG;
	other = cmpxchg(&ksec_krb5_lanes[cpu], NULL, lane);
	if (!other)
		return lane;
	kfree(lane);
	return other;
}

static void ksec_krb5_free_transforms(struct ksec_krb5_engine *engine)
{
	skcipher_request_free(engine->e_request);
	if (engine->e_cipher)
		crypto_free_skcipher(engine->e_cipher);
	if (engine->e_mac)
		crypto_free_shash(engine->e_mac);
	engine->e_request = NULL;
	engine->e_cipher = NULL;
	engine->e_mac = NULL;
	engine->e_cipher_key = 0;
	engine->e_mac_key = 0;
}

static int ksec_krb5_alloc_transforms(struct ksec_krb5_engine *engine,
				      const struct ksec_krb5_enctype *type)
{
	struct crypto_skcipher *cipher;
	struct crypto_shash *mac;

	/* A queue before some hardware costs more than the message does here. */
	cipher = crypto_alloc_skcipher(type->e_cipher, 0, CRYPTO_ALG_KERN_DRIVER_ONLY);
	if (IS_ERR(cipher))
		return PTR_ERR(cipher);
	engine->e_cipher = cipher;

	mac = crypto_alloc_shash(type->e_mac, 0, 0);
	if (IS_ERR(mac)) {
		ksec_krb5_free_transforms(engine);
		return PTR_ERR(mac);
	}
	engine->e_mac = mac;

	engine->e_request = skcipher_request_alloc(cipher, GFP_KERNEL);
	if (!engine->e_request) {
		ksec_krb5_free_transforms(engine);
		return -ENOMEM;
	}
	return 0;
}

/**
 * ksec_krb5_engine_get() - take an engine
 * @type: encryption type
 * @way:  direction of the message
 *
 * Context: may sleep, takes the lock of a lane.
 * Return: the engine, which is the caller's until ksec_krb5_engine_put(), or
 *         ERR_PTR(): -ENOMEM, -ENOENT if this kernel lacks the algorithms, or another
 *         error of the crypto API
 */
struct ksec_krb5_engine *ksec_krb5_engine_get(const struct ksec_krb5_enctype *type,
					      enum ksec_krb5_way way)
{
	struct ksec_krb5_lane *lane = ksec_krb5_lane(raw_smp_processor_id());
	struct ksec_krb5_engine *engine;
	int err;

	if (!lane)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&lane->l_lock);
	engine = &lane->l_engine[ksec_krb5_row(type)][way];
	if (unlikely(!engine->e_cipher)) {
		err = ksec_krb5_alloc_transforms(engine, type);
		if (err) {
			mutex_unlock(&lane->l_lock);
			return ERR_PTR(err);
		}
		engine->e_lane = lane;
	}
	return engine;
}

/**
 * ksec_krb5_engine_put() - give an engine back
 * @engine: the engine
 */
void ksec_krb5_engine_put(struct ksec_krb5_engine *engine)
{
	mutex_unlock(&engine->e_lane->l_lock);
}

/**
 * ksec_krb5_engine_block() - room for a block that ksec_krb5_cbc() can work on
 * @engine: an engine that was taken
 *
 * Return: KSEC_KRB5_BLOCK bytes; a stack would not do
 */
u8 *ksec_krb5_engine_block(struct ksec_krb5_engine *engine)
{
	return engine->e_lane->l_block;
}

/* A lane that has a key of this context; there is no way back but forgetting all. */
static void ksec_krb5_mark(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys)
{
	unsigned int bit = engine->e_lane->l_bit;

	if (!test_bit(bit, &keys->k_lanes))
		set_bit(bit, &keys->k_lanes);
}

/*
 * After an error nobody knows what is in a transform, a part of the key or that
 * of another context: then it goes, and the next who takes the engine makes it anew.
 */
static int ksec_krb5_set_cipher(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
				const u8 *key, u64 id)
{
	int err;

	if (likely(engine->e_cipher_key == id))
		return 0;
	engine->e_cipher_key = 0;
	ksec_krb5_mark(engine, keys);
	err = crypto_skcipher_setkey(engine->e_cipher, key, keys->k_type->e_key_len);
	if (err)
		ksec_krb5_free_transforms(engine);
	else
		engine->e_cipher_key = id;
	return err;
}

static int ksec_krb5_set_mac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			     const u8 *key, u32 len, u64 id)
{
	int err;

	if (likely(engine->e_mac_key == id))
		return 0;
	engine->e_mac_key = 0;
	ksec_krb5_mark(engine, keys);
	err = crypto_shash_setkey(engine->e_mac, key, len);
	if (err)
		ksec_krb5_free_transforms(engine);
	else
		engine->e_mac_key = id;
	return err;
}

/**
 * ksec_krb5_load_cipher() - have a derived key in the cipher
 * @engine: an engine that was taken
 * @keys:   whose
 * @way:    direction
 * @use:    which of its keys
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_load_cipher(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			  enum ksec_krb5_way way, enum ksec_krb5_use use)
{
	return ksec_krb5_set_cipher(engine, keys, keys->k_derived[way][use],
				    keys->k_id + way * KSEC_KRB5_USES + use);
}

/**
 * ksec_krb5_load_mac() - have a derived key in the keyed hash
 * @engine: an engine that was taken
 * @keys:   whose
 * @way:    direction
 * @use:    which of its keys
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_load_mac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
		       enum ksec_krb5_way way, enum ksec_krb5_use use)
{
	return ksec_krb5_set_mac(engine, keys, keys->k_derived[way][use],
				 keys->k_type->e_kc_len,
				 keys->k_id + way * KSEC_KRB5_USES + use);
}

/**
 * ksec_krb5_load_base() - have the protocol key in both
 * @engine: an engine that was taken
 * @keys:   whose
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_load_base(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys)
{
	u64 id = keys->k_id + KSEC_KRB5_ID_BASE;

	return ksec_krb5_set_cipher(engine, keys, keys->k_key, id) ?:
	       ksec_krb5_set_mac(engine, keys, keys->k_key, keys->k_type->e_key_len, id);
}

/* As many bytes as the scatterlist can take: memory that is mapped page by page. */
static u32 ksec_krb5_map_pages(struct scatterlist *sg, u8 *data, u32 len)
{
	u32 done, n;
	int i;

	sg_init_table(sg, KSEC_KRB5_PAGES);
	for (i = 0, done = 0; i < KSEC_KRB5_PAGES && done < len; i++, done += n) {
		n = min_t(u32, len - done, PAGE_SIZE - offset_in_page(data + done));
		sg_set_page(&sg[i], vmalloc_to_page(data + done), n, offset_in_page(data + done));
	}
	/* whole blocks only, so that the chain goes on in the next call */
	if (done < len)
		done = round_down(done, KSEC_KRB5_BLOCK);
	sg_mark_end(&sg[i - 1]);
	return done;
}

/**
 * ksec_krb5_cbc() - cipher block chaining from an initialisation vector of zero
 * @engine:  an engine that was taken, with a key in the cipher
 * @encrypt: or decrypt
 * @data:    changed in place; not on a stack
 * @len:     its bytes, a multiple of KSEC_KRB5_BLOCK
 *
 * Context: may sleep.
 * Return: 0 or -errno of the crypto API; the data is lost then
 */
int ksec_krb5_cbc(struct ksec_krb5_engine *engine, bool encrypt, u8 *data, u32 len)
{
	struct skcipher_request *req = engine->e_request;
	struct ksec_krb5_lane *lane = engine->e_lane;
	bool pages = is_vmalloc_addr(data);
	DECLARE_CRYPTO_WAIT(wait);
	int err = 0;
	u32 n;

	memset(lane->l_iv, 0, sizeof(lane->l_iv));
	skcipher_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG | CRYPTO_TFM_REQ_MAY_SLEEP,
				      crypto_req_done, &wait);
	for (; !err && len; data += n, len -= n) {
		if (unlikely(pages)) {
			n = ksec_krb5_map_pages(lane->l_sg, data, len);
		} else {
			n = len;
			sg_init_one(lane->l_sg, data, n);
		}
		skcipher_request_set_crypt(req, lane->l_sg, lane->l_sg, n, lane->l_iv);
		err = crypto_wait_req(encrypt ? crypto_skcipher_encrypt(req) :
					       crypto_skcipher_decrypt(req), &wait);
	}
	return err;
}

static struct shash_desc *ksec_krb5_desc(const struct ksec_krb5_mac *mac)
{
	return (struct shash_desc *)mac->m_engine->e_lane->l_desc;
}

/**
 * ksec_krb5_mac_start() - begin to hash
 * @mac:    initialised; to be ended by ksec_krb5_mac_end()
 * @engine: an engine that was taken, with a key in the keyed hash
 */
void ksec_krb5_mac_start(struct ksec_krb5_mac *mac, struct ksec_krb5_engine *engine)
{
	struct shash_desc *desc;

	mac->m_engine = engine;
	mac->m_data = NULL;
	mac->m_len = 0;
	desc = ksec_krb5_desc(mac);
	desc->tfm = engine->e_mac;
	mac->m_err = crypto_shash_init(desc);
}

static void ksec_krb5_mac_flush(struct ksec_krb5_mac *mac)
{
	struct shash_desc *desc = ksec_krb5_desc(mac);
	u32 n;

	for (; !mac->m_err && mac->m_len; mac->m_data += n, mac->m_len -= n) {
		n = min_t(u32, mac->m_len, KSEC_KRB5_PIECE);
		mac->m_err = crypto_shash_update(desc, mac->m_data, n);
		cond_resched();
	}
}

/**
 * ksec_krb5_mac_add() - hash some bytes
 * @mac:  at work
 * @data: the bytes, which must stay as they are until ksec_krb5_mac_end()
 * @len:  how many
 */
void ksec_krb5_mac_add(struct ksec_krb5_mac *mac, const void *data, u32 len)
{
	if (mac->m_data + mac->m_len != data) {
		ksec_krb5_mac_flush(mac);
		mac->m_data = data;
		mac->m_len = 0;
	}
	mac->m_len += len;
}

/**
 * ksec_krb5_mac_end() - finish
 * @mac:    at work; of no use afterwards
 * @digest: receives the hash, as long as the algorithm makes it
 *
 * Return: 0, or the first error there was
 */
int ksec_krb5_mac_end(struct ksec_krb5_mac *mac, u8 digest[KSEC_KRB5_MAX_DIGEST])
{
	struct shash_desc *desc = ksec_krb5_desc(mac);

	ksec_krb5_mac_flush(mac);
	if (!mac->m_err)
		mac->m_err = crypto_shash_final(desc, digest);
	memzero_explicit(desc, sizeof(*desc) + crypto_shash_descsize(mac->m_engine->e_mac));
	return mac->m_err;
}

/**
 * ksec_krb5_new_id() - numbers for the keys of a context
 *
 * Return: the first of KSEC_KRB5_IDS
 */
u64 ksec_krb5_new_id(void)
{
	return atomic64_add_return(KSEC_KRB5_IDS, &ksec_krb5_ids) - KSEC_KRB5_IDS;
}

static bool ksec_krb5_is_of(u64 id, const struct ksec_krb5_keys *keys)
{
	return id >= keys->k_id && id < keys->k_id + KSEC_KRB5_IDS;
}

/* Overwrites the keys of a context that an engine still has. */
static void ksec_krb5_engine_forget(struct ksec_krb5_engine *engine,
				    const struct ksec_krb5_keys *keys)
{
	static const u8 zero[KSEC_KRB5_MAX_KEY] __aligned(16);
	int err = 0;

	if (ksec_krb5_is_of(engine->e_cipher_key, keys)) {
		engine->e_cipher_key = 0;
		err = crypto_skcipher_setkey(engine->e_cipher, zero, keys->k_type->e_key_len);
	}
	if (ksec_krb5_is_of(engine->e_mac_key, keys)) {
		engine->e_mac_key = 0;
		err = err ?: crypto_shash_setkey(engine->e_mac, zero, keys->k_type->e_key_len);
	}
	/* That wipes it as well. */
	if (err)
		ksec_krb5_free_transforms(engine);
}

/**
 * ksec_krb5_forget() - wipe the keys of a context from all engines
 * @keys: its keys, which nobody uses any more
 *
 * Context: may sleep, takes the locks of lanes one after the other.
 */
void ksec_krb5_forget(struct ksec_krb5_keys *keys)
{
	unsigned int cpu, row = ksec_krb5_row(keys->k_type), way;

	if (!keys->k_lanes)
		return;
	for_each_possible_cpu(cpu) {
		struct ksec_krb5_lane *lane = READ_ONCE(ksec_krb5_lanes[cpu]);

		if (!lane || !test_bit(lane->l_bit, &keys->k_lanes))
			continue;
		mutex_lock(&lane->l_lock);
		for (way = 0; way < KSEC_KRB5_WAYS; way++)
			ksec_krb5_engine_forget(&lane->l_engine[row][way], keys);
		mutex_unlock(&lane->l_lock);
	}
}

/**
 * ksec_krb5_engine_init() - prepare the lanes
 *
 * Return: 0 or -ENOMEM
 */
int ksec_krb5_engine_init(void)
{
	ksec_krb5_lanes = kcalloc(nr_cpu_ids, sizeof(*ksec_krb5_lanes), GFP_KERNEL);
	return ksec_krb5_lanes ? 0 : -ENOMEM;
}

/**
 * ksec_krb5_engine_exit() - free the lanes; nobody has an engine any more
 */
void ksec_krb5_engine_exit(void)
{
	unsigned int cpu, row, way;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct ksec_krb5_lane *lane = ksec_krb5_lanes[cpu];

		if (!lane)
			continue;
		for (row = 0; row < KSEC_KRB5_ENCTYPES; row++) {
			for (way = 0; way < KSEC_KRB5_WAYS; way++)
				ksec_krb5_free_transforms(&lane->l_engine[row][way]);
		}
		kfree_sensitive(lane);
	}
	kfree(ksec_krb5_lanes);
}
