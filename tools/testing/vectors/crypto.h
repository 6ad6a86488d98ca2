/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers for what NTLM is made of: RC4, MD5 and HMAC-MD5, for the module's
 * and for userspace's tests.
 *
 * Byte strings are written in hex.  ntlm-check.py recomputes every value of this
 * file.
 */
#ifndef KSECDD_VECTORS_CRYPTO_H
#define KSECDD_VECTORS_CRYPTO_H

/**
 * struct crypto_kat_rc4 - a piece of a key stream
 * @key:    the key
 * @offset: bytes of the key stream that come before
 * @stream: 16 bytes of it
 */
struct crypto_kat_rc4 {
	const char *key;
	unsigned int offset;
	const char *stream;
};

/**
 * struct crypto_kat_hash - a digest
 * @key:    the key of HMAC; empty for the hash itself
 * @data:   what is hashed
 * @digest: what comes out
 */
struct crypto_kat_hash {
	const char *key;
	const char *data;
	const char *digest;
};

/* RFC 6229 section 2: initializer of an array of struct crypto_kat_rc4 */
#define CRYPTO_KAT_RC4 { \
	{ "0102030405", 0, \
	  "b2396305f03dc027ccc3524a0a1118a8" }, \
	{ "0102030405", 240, \
	  "28cb1132c96ce286421dcaadb8b69eae" }, \
	{ "0102030405", 256, \
	  "1cfcf62b03eddb641d77dfcf7f8d8c93" }, \
	{ "0102030405", 512, \
	  "6459844432a7da923cfb3eb4980661f6" }, \
	{ "0102030405", 1024, \
	  "30abbcc7c20b01609f23ee2d5f6bb7df" }, \
	{ "0102030405", 4096, \
	  "ff25b58995996707e51fbdf08b34d875" }, \
	{ "01020304050607", 0, \
	  "293f02d47f37c9b633f2af5285feb46b" }, \
	{ "01020304050607", 240, \
	  "914f02531c9218810df60f67e338154c" }, \
	{ "01020304050607", 256, \
	  "d0fdb583073ce85ab83917740ec011d5" }, \
	{ "01020304050607", 512, \
	  "0bb87202938dad609e87a5a1b079e5e4" }, \
	{ "01020304050607", 1024, \
	  "8ecb67a9ba1f55a5a067e2b026a3676f" }, \
	{ "01020304050607", 4096, \
	  "e74b0b9731227fd37c0ec08a47ddd8b8" }, \
	{ "0102030405060708090a0b0c0d0e0f10", 0, \
	  "9ac7cc9a609d1ef7b2932899cde41b97" }, \
	{ "0102030405060708090a0b0c0d0e0f10", 240, \
	  "065902e4b620f6cc36c8589f66432f2b" }, \
	{ "0102030405060708090a0b0c0d0e0f10", 256, \
	  "d39d566bc6bce3010768151549f3873f" }, \
	{ "0102030405060708090a0b0c0d0e0f10", 512, \
	  "c68c1d5c559a974123df1dbc52a43b89" }, \
	{ "0102030405060708090a0b0c0d0e0f10", 1024, \
	  "bdf0324e6083dcc6d3cedd3ca8c53c16" }, \
	{ "0102030405060708090a0b0c0d0e0f10", 4096, \
	  "a36a4c301ae8ac13610ccbc12256cacc" }, \
	{ "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 0, \
	  "eaa6bd25880bf93d3f5d1e4ca2611d91" }, \
	{ "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 240, \
	  "114ae344ded71b35f2e60febad727fd8" }, \
	{ "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 256, \
	  "02e1e7056b0f623900496422943e97b6" }, \
	{ "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 512, \
	  "49b18b42f8e8367cbeb5ef104ba1c7cd" }, \
	{ "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 1024, \
	  "7fec5bfd9f9b89ce6548309092d7e958" }, \
	{ "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", 4096, \
	  "f3e4c0a2e02d1d01f7f0a74618af2b48" }, \
	{ "833222772a", 0, \
	  "80ad97bdc973df8a2e879e92a497efda" }, \
	{ "833222772a", 240, \
	  "faa148e99046181fec6b2085f3b20ed9" }, \
	{ "833222772a", 256, \
	  "f0daf5bab3d596839857846f73fbfe5a" }, \
	{ "833222772a", 512, \
	  "3db9b249406cc8edffac55ccd322ba12" }, \
	{ "833222772a", 1024, \
	  "7828d074119cab5c22b294d7a9bfa0bb" }, \
	{ "833222772a", 4096, \
	  "bf42c3018c2f7c66bfde524975768115" }, \
	{ "ebb46227c6cc8b37641910833222772a", 0, \
	  "720c94b63edf44e131d950ca211a5a30" }, \
	{ "ebb46227c6cc8b37641910833222772a", 240, \
	  "b3394a40aabf75cba42282ef25a0059f" }, \
	{ "ebb46227c6cc8b37641910833222772a", 256, \
	  "4847d81da4942dbc249defc48c922b9f" }, \
	{ "ebb46227c6cc8b37641910833222772a", 512, \
	  "970dacef40ad98723bac5d6955b81761" }, \
	{ "ebb46227c6cc8b37641910833222772a", 1024, \
	  "b515a8c5011754f59003058bdb81514e" }, \
	{ "ebb46227c6cc8b37641910833222772a", 4096, \
	  "5bbeb4787d59e5373fdbea6c6f75c29b" }, \
}

/* RFC 1321 A.5: initializer of an array of struct crypto_kat_hash */
#define CRYPTO_KAT_MD5 { \
	{ "", "", \
	  "d41d8cd98f00b204e9800998ecf8427e" }, \
	{ "", "61", \
	  "0cc175b9c0f1b6a831c399e269772661" }, \
	{ "", "616263", \
	  "900150983cd24fb0d6963f7d28e17f72" }, \
	{ "", "6d65737361676520646967657374", \
	  "f96b697d7cb7938d525a2f31aaf161d0" }, \
	{ "", "6162636465666768696a6b6c6d6e6f707172737475767778797a", \
	  "c3fcd3d76192e4007dfb496cca67e13b" }, \
	{ "", "4142434445464748494a4b4c4d4e4f505152535455565758595a6162636465666768696a" \
	  "6b6c6d6e6f707172737475767778797a30313233343536373839", \
	  "d174ab98d277d9f5a5611c2c9f419d9f" }, \
	{ "", "313233343536373839303132333435363738393031323334353637383930313233343536" \
	  "373839303132333435363738393031323334353637383930313233343536373839303132" \
	  "3334353637383930", \
	  "57edf4a22be3c955ac49da2e2107b67a" }, \
}

/*
 * RFC 2202 section 2, without the keys that are longer than a block: initializer of an
 * array of struct crypto_kat_hash
 */
#define CRYPTO_KAT_HMAC_MD5 { \
	{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", \
	  "4869205468657265", \
	  "9294727a3638bb1c13f48ef8158bfc9d" }, \
	{ "4a656665", \
	  "7768617420646f2079612077616e7420666f72206e6f7468696e673f", \
	  "750c783e6ab0b503eaa86e310a5db738" }, \
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", \
	  "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" \
	  "dddddddddddddddddddddddddddd", \
	  "56be34521d144c88dbb8c733f0e8b3f6" }, \
	{ "0102030405060708090a0b0c0d0e0f10111213141516171819", \
	  "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd" \
	  "cdcdcdcdcdcdcdcdcdcdcdcdcdcd", \
	  "697eaf0aca3a3aea3a75164746ffaa79" }, \
	{ "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c", \
	  "546573742057697468205472756e636174696f6e", \
	  "56461ef2342edc00f9bab995690efd4c" }, \
}

#endif /* KSECDD_VECTORS_CRYPTO_H */
