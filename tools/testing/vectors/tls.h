/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers for TLS records and the keys of TLS 1.3, for the module's and for userspace's
 * tests.
 *
 * Byte strings are written in hex.  The self-test tls-records recomputes every value of this
 * file with OpenSSL.
 */
#ifndef KSECDD_VECTORS_TLS_H
#define KSECDD_VECTORS_TLS_H

/**
 * struct tls_kat_record - a record
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 * @hash:    TLS 1.3: KSECDD_TLS_SHA*
 * @secret:  TLS 1.3: traffic secret
 * @key:     TLS 1.2: write key
 * @iv:      TLS 1.2: the part of the nonce that is not on the wire
 * @seq:     sequence number
 * @type:    content type
 * @plain:   what is in it
 * @record:  all of it
 */
struct tls_kat_record {
	unsigned short version;
	unsigned char cipher;
	unsigned char hash;
	const char *secret;
	const char *key;
	const char *iv;
	unsigned long long seq;
	unsigned char type;
	const char *plain;
	const char *record;
};

/**
 * struct tls_kat_secret - what follows from a traffic secret
 * @hash:   KSECDD_TLS_SHA*
 * @secret: the traffic secret
 * @key:    the key, as long as it is here
 * @iv:     the initialisation vector
 * @next:   the traffic secret after a KeyUpdate
 */
struct tls_kat_secret {
	unsigned char hash;
	const char *secret;
	const char *key;
	const char *iv;
	const char *next;
};

/*
 * Initializer of an array of struct tls_kat_record.  The first four are of RFC 8448 section 3;
 * the others were computed with another implementation.
 */
#define TLS_KAT_RECORDS { \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM, KSECDD_TLS_SHA256, \
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", \
	  "", "", 0ULL, 23, \
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
	  "202122232425262728292a2b2c2d2e2f3031", \
	  "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f" \
	  "2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae6" \
	  "3aeebb21694915e4" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM, KSECDD_TLS_SHA256, \
	  "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", \
	  "", "", 1ULL, 23, \
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" \
	  "202122232425262728292a2b2c2d2e2f3031", \
	  "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36" \
	  "e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf33254" \
	  "0dd032e167c2955d" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM, KSECDD_TLS_SHA256, \
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", \
	  "", "", 1ULL, 21, \
	  "0100", \
	  "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM, KSECDD_TLS_SHA256, \
	  "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", \
	  "", "", 2ULL, 21, \
	  "0100", \
	  "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM, 0, "", \
	  "000102030405060708090a0b0c0d0e0f", \
	  "a0a1a2a3", 0ULL, 23, \
	  "506c61696e74657874", \
	  "17030300210000000000000000da31aff429fb511727181c8c38d621a614da74" \
	  "569b27e60b79" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM, 0, "", \
	  "000102030405060708090a0b0c0d0e0f", \
	  "a0a1a2a3", 1ULL, 23, \
	  "506c61696e74657874", \
	  "17030300210000000000000001161d7d9b02f01228f3e1338d1e8a0248864f1a" \
	  "a52c70aabbde" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM, 0, "", \
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", \
	  "a0a1a2a3", 0ULL, 23, \
	  "506c61696e74657874", \
	  "170303002100000000000000004cd53d5f4d10d0c4cdbe93068eb0452a5c37eb" \
	  "ddc72deab799" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM, 0, "", \
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", \
	  "a0a1a2a3", 2ULL, 21, \
	  "0100", \
	  "150303001a0000000000000002eab3147b1a8fa3dbe85434aa912ea07ac52f" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_CHACHA20_POLY1305, 0, "", \
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", \
	  "b0b1b2b3b4b5b6b7b8b9babb", 0ULL, 23, \
	  "506c61696e74657874", \
	  "1703030019c71140c1939cecff370f3944ae0e579e9973da1e1bcb3eeb8d" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_AES_128_CCM, 0, "", \
	  "000102030405060708090a0b0c0d0e0f", \
	  "a0a1a2a3", 3ULL, 23, \
	  "506c61696e74657874", \
	  "17030300210000000000000003de126b6e99a3b93bd0a423fc4aa1f8a2489b5a" \
	  "9b95189a7480" }, \
	{ KSECDD_TLS_1_2, KSECDD_TLS_AES_256_CCM, 0, "", \
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", \
	  "a0a1a2a3", 4294967296ULL, 23, \
	  "", \
	  "1703030018000000010000000062cbfbf0d90cafe73269fe5b2d4529d3" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM, KSECDD_TLS_SHA384, \
	  "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" \
	  "606162636465666768696a6b6c6d6e6f", \
	  "", "", 0ULL, 23, \
	  "506c61696e74657874", \
	  "170303001ad7b67fb94441ec8b1937c3e9a893a8eab6f660a0ea022542a828" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_CHACHA20_POLY1305, KSECDD_TLS_SHA256, \
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", \
	  "", "", 9223372036854775813ULL, 23, \
	  "506c61696e74657874", \
	  "170303001ae542f004c29eebcec5bb07d34fbc9b3922b6b5f3f5cbfed9691b" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_128_CCM, KSECDD_TLS_SHA256, \
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", \
	  "", "", 7ULL, 23, \
	  "", \
	  "170303001162669336e08ab870e3388047b4682871a7" }, \
	{ KSECDD_TLS_1_3, KSECDD_TLS_AES_256_CCM, KSECDD_TLS_SHA384, \
	  "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" \
	  "606162636465666768696a6b6c6d6e6f", \
	  "", "", 1ULL, 23, \
	  "506c61696e74657874", \
	  "170303001a61927f0321acb71036f570caad60670c937aca205b748194567e" }, \
}

/* Initializer of an array of struct tls_kat_secret; the keys of the first two are of RFC 8448 */
#define TLS_KAT_SECRETS { \
	{ KSECDD_TLS_SHA256, \
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", \
	  "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9", \
	  "fcdfcc72725aaee48bf64e4fd8b749cdbdbab39d90da0b26e2245ca6ea167207" }, \
	{ KSECDD_TLS_SHA256, \
	  "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", \
	  "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984", \
	  "51921b8aa3001976eb401d0a4319a8516416a6c56001a357e5d162031e84f916" }, \
	{ KSECDD_TLS_SHA384, \
	  "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" \
	  "606162636465666768696a6b6c6d6e6f", \
	  "32f584230ad7bd6ea025e6e6cc16e757358c962ebc8196f5433acae983fb668b", \
	  "0e7c7d30272bc74a0c9833b2", \
	  "3255a7cd505c9e8030cd35c53a234e9d4a0fbe907003b132feea8e7eb3fafab0" \
	  "0aa859605fcdc4d1f4e7f49d221fabad" }, \
	{ KSECDD_TLS_SHA256, \
	  "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", \
	  "c8afd24f48952725381a54085e8d8e3856d8d89e3019243b30a9db54809a3732", \
	  "5b78923dee08579033e523d9", \
	  "fcdfcc72725aaee48bf64e4fd8b749cdbdbab39d90da0b26e2245ca6ea167207" }, \
}

#endif /* KSECDD_VECTORS_TLS_H */
