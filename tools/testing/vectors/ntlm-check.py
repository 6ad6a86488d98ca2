#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Recompute the values of crypto.h, ntlm.h and ntlm_logon.h; TAP.

An implementation of MS-NLMP that shares nothing with the module and the
daemon: a mistake in the vectors cannot hide behind the same mistake there.
"""

import hashlib
import hmac
import pathlib
import re
import struct

SIGN, SEAL = 0x10, 0x20
KEY_128, KEY_EXCH, KEY_56 = 0x20000000, 0x40000000, 0x80000000


def md4(data):
    """RFC 1320; hashlib's MD4 depends on how OpenSSL was configured."""
    mask = 0xffffffff
    rounds = (
        (lambda x, y, z: (x & y) | (~x & z), 0, (3, 7, 11, 19), range(16)),
        (lambda x, y, z: (x & y) | (x & z) | (y & z), 0x5a827999, (3, 5, 9, 13),
         [4 * (i % 4) + i // 4 for i in range(16)]),
        (lambda x, y, z: x ^ y ^ z, 0x6ed9eba1, (3, 9, 11, 15),
         [int(f'{i:04b}'[::-1], 2) for i in range(16)]),
    )
    padded = data + b'\x80' + b'\0' * ((55 - len(data)) % 64) + struct.pack('<Q', 8 * len(data))
    state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
    for block in range(0, len(padded), 64):
        words = struct.unpack_from('<16I', padded, block)
        reg = list(state)
        for func, const, shifts, order in rounds:
            for i, index in enumerate(order):
                a, b, c, d = reg
                value = (a + func(b, c, d) + words[index] + const) & mask
                shift = shifts[i % 4]
                reg = [d, ((value << shift) | (value >> (32 - shift))) & mask, b, c]
        state = [(x + y) & mask for x, y in zip(state, reg)]
    return struct.pack('<4I', *state)


class Rc4:
    """RC4, for the reader and not for speed."""

    def __init__(self, key):
        self.box, self.x, self.y = list(range(256)), 0, 0
        y = 0
        for x in range(256):
            y = (y + self.box[x] + key[x % len(key)]) & 255
            self.box[x], self.box[y] = self.box[y], self.box[x]

    def crypt(self, data):
        box, out = self.box, bytearray()
        for byte in data:
            self.x = (self.x + 1) & 255
            self.y = (self.y + box[self.x]) & 255
            box[self.x], box[self.y] = box[self.y], box[self.x]
            out.append(byte ^ box[(box[self.x] + box[self.y]) & 255])
        return bytes(out)


def md5(data):
    return hashlib.md5(data).digest()


def hmac_md5(key, data):
    return hmac.new(key, data, 'md5').digest()


def utf16(text):
    return text.encode('utf-16le')


def read_macros(text):
    """All string macros of a header, with adjacent strings and macros joined."""
    macros = {}
    joined = text.replace('\\\n', ' ')
    for name, body in re.findall(r'#define\s+(NTLM_KAT_\w+)\s+((?:"\w*"|NTLM_KAT_\w+|\s)+)\n',
                                 joined):
        parts = re.findall(r'"(\w*)"|(NTLM_KAT_\w+)', body)
        macros[name] = ''.join(macros[ref] if ref else literal for literal, ref in parts)
    return macros


def read_messages(text):
    row = re.compile(r'\{ (\d+), (0x\w+), "(\w+)", NTLM_KAT_(SIGN|SEAL), ([01]), (\d+), \\\s+'
                     r'"(\w*)", "(\w*)", "(\w*)", \\\s+"(\w*)", "(\w*)" \}')
    rows = row.findall(text)
    assert len(rows) == text.count('\t{ ')
    return rows


def read_rows(text, name):
    """The rows of an array of crypto.h, with adjacent strings joined."""
    body = re.search(rf'#define {name} {{(.*?)\n}}\n', text, re.S).group(1)
    body = re.sub(r'"\s*\\\n\s*"', '', body)
    rows = [[word.strip(' "\\\n\t') for word in row.split(',')]
            for row in re.findall(r'{(.*?)}', body, re.S)]
    assert rows and len(rows) == body.count('{') and all(len(row) == 3 for row in rows)
    return rows


class Direction:
    """What one side sends (MS-NLMP 3.4.4.2, 3.4.5.2, 3.4.5.3)."""

    def __init__(self, flags, key, from_client):
        way = b'client-to-server' if from_client else b'server-to-client'
        length = 16 if flags & KEY_128 else 7 if flags & KEY_56 else 5
        self.sign_key = md5(key + b'session key to ' + way + b' signing key magic constant\0')
        self.seal_key = md5(key[:length] + b'session key to ' + way +
                            b' sealing key magic constant\0')
        self.cipher, self.flags, self.seq = Rc4(self.seal_key), flags, 0

    def protect(self, seal, before, plain, after):
        if not self.flags & (SIGN | SEAL):
            return plain, b'\1' + bytes(15)
        seq = struct.pack('<I', self.seq)
        self.seq += 1
        check = hmac_md5(self.sign_key, seq + before + plain + after)[:8]
        data = self.cipher.crypt(plain) if seal else plain
        if self.flags & KEY_EXCH:
            check = self.cipher.crypt(check)
        return data, b'\1\0\0\0' + check + seq


class Tap:
    """Counts and prints the comparisons."""

    def __init__(self):
        self.count = self.failed = 0

    def same(self, name, got, want):
        self.count += 1
        verdict = 'ok' if got == want else 'not ok'
        self.failed += got != want
        print(f'{verdict} {self.count} - {name}')
        if got != want:
            print(f'# computed {got.hex()}, header has {want.hex()}')


def check_crypto(tap, text):
    for key, offset, stream in read_rows(text, 'CRYPTO_KAT_RC4'):
        tap.same(f'RC4, key {key}, offset {offset}',
                 Rc4(bytes.fromhex(key)).crypt(bytes(int(offset) + 16))[int(offset):],
                 bytes.fromhex(stream))
    for _, data, digest in read_rows(text, 'CRYPTO_KAT_MD5'):
        tap.same(f'MD5 of {data}', md5(bytes.fromhex(data)), bytes.fromhex(digest))
    for key, data, digest in read_rows(text, 'CRYPTO_KAT_HMAC_MD5'):
        tap.same(f'HMAC-MD5, key {key}', hmac_md5(bytes.fromhex(key), bytes.fromhex(data)),
                 bytes.fromhex(digest))


def check_keys(tap, kat):
    key = kat('SESSION_KEY')
    for side, from_client in (('CLIENT', True), ('SERVER', False)):
        way = Direction(KEY_128, key, from_client)
        tap.same(f'{side} signing key', way.sign_key, kat(f'{side}_SIGN_KEY'))
        tap.same(f'{side} sealing key, 128 bit', way.seal_key, kat(f'{side}_SEAL_KEY_128'))
        for flag, bits in ((KEY_56, 56), (0, 40)):
            tap.same(f'{side} sealing key, {bits} bit', Direction(flag, key, from_client).seal_key,
                     kat(f'{side}_SEAL_KEY_{bits}'))


def check_messages(tap, rows):
    streams = {}
    for stream, flags, key, op, client, seq, before, plain, after, data, signature in rows:
        way = streams.setdefault((stream, client), Direction(int(flags, 0), bytes.fromhex(key),
                                                             client == '1'))
        tap.same(f'stream {stream}, client {client}: sequence number',
                 struct.pack('<I', way.seq), struct.pack('<I', int(seq)))
        got = way.protect(op == 'SEAL', *(bytes.fromhex(x) for x in (before, plain, after)))
        tap.same(f'stream {stream}, client {client}, message {seq}', got[0] + got[1],
                 bytes.fromhex(data + signature))


def check_logon(tap, kat, text):
    user, domain = text['NTLM_KAT_USER'], text['NTLM_KAT_DOMAIN']
    challenge, session_key = kat('SERVER_CHALLENGE'), kat('RANDOM_SESSION_KEY')
    temp = (b'\1\1' + bytes(14) + kat('CLIENT_CHALLENGE') + bytes(4) + kat('TARGET_INFO')
            + bytes(4))
    info = b''.join(struct.pack('<HH', av, len(utf16(name))) + utf16(name)
                    for av, name in ((2, domain), (1, text['NTLM_KAT_SERVER']))) + bytes(4)
    tap.same('target info', info, kat('TARGET_INFO'))
    tap.same('temp', temp, kat('TEMP'))
    tap.same('MD4 of nothing', md4(b''), kat('NTOWFV1_EMPTY'))
    ntowfv1 = md4(utf16(text['NTLM_KAT_PASSWORD']))
    tap.same('NTOWFv1', ntowfv1, kat('NTOWFV1'))
    ntowfv2 = hmac_md5(ntowfv1, utf16(user.upper() + domain))
    tap.same('NTOWFv2', ntowfv2, kat('NTOWFV2'))
    proof = hmac_md5(ntowfv2, challenge + temp)
    tap.same('NTProofStr', proof, kat('NT_PROOF'))
    lmv2 = hmac_md5(ntowfv2, challenge + kat('CLIENT_CHALLENGE')) + kat('CLIENT_CHALLENGE')
    tap.same('LMv2 response', lmv2, kat('LMV2'))
    base_key = hmac_md5(ntowfv2, proof)
    tap.same('SessionBaseKey', base_key, kat('SESSION_BASE_KEY'))
    encrypted = Rc4(base_key).crypt(session_key)
    tap.same('EncryptedRandomSessionKey', encrypted, kat('ENCRYPTED_SESSION_KEY'))

    server = utf16(text['NTLM_KAT_SERVER'])
    tap.same('CHALLENGE_MESSAGE',
             struct.pack('<8sIHHII8s8xHHI', b'NTLMSSP', 2, len(server), len(server), 56,
                         0xe28a8233, challenge, len(info), len(info), 56 + len(server)) +
             bytes.fromhex('060070170000000f') + server + info, kat('CHALLENGE'))
    payload, fields = b'', {}
    for name, value in (('domain', utf16(domain)), ('user', utf16(user)),
                        ('workstation', utf16(text['NTLM_KAT_WORKSTATION'])), ('lm', lmv2),
                        ('nt', proof + temp), ('key', encrypted)):
        fields[name] = struct.pack('<HHI', len(value), len(value), 72 + len(payload))
        payload += value
    tap.same('AUTHENTICATE_MESSAGE', struct.pack('<8sI', b'NTLMSSP', 3) +
             b''.join(fields[x] for x in ('lm', 'nt', 'domain', 'user', 'workstation', 'key')) +
             struct.pack('<I', 0xe2888235) + bytes.fromhex('0501280a0000000f') + payload,
             kat('AUTHENTICATE'))
    messages = kat('NEGOTIATE') + kat('CHALLENGE') + kat('AUTHENTICATE')
    tap.same('MIC', hmac_md5(session_key, messages), kat('MIC'))

    application = kat('CBT_APPLICATION')
    tap.same('channel bindings', md5(bytes(16) + struct.pack('<I', len(application)) + application),
             kat('CBT'))
    tap.same('channel bindings without application data', md5(bytes(20)),
             kat('CBT_NO_APPLICATION'))
    tap.same('session key of an anonymous client', Rc4(bytes(16)).crypt(session_key),
             kat('ANONYMOUS_SESSION_KEY'))


def main():
    here = pathlib.Path(__file__).parent
    messages = (here / 'ntlm.h').read_text()
    text = {**read_macros(messages), **read_macros((here / 'ntlm_logon.h').read_text())}

    def kat(name):
        return bytes.fromhex(text['NTLM_KAT_' + name])

    tap = Tap()
    check_crypto(tap, (here / 'crypto.h').read_text())
    check_keys(tap, kat)
    check_messages(tap, read_messages(messages))
    check_logon(tap, kat, text)
    print(f'1..{tap.count}')
    return 1 if tap.failed else 0


if __name__ == '__main__':
    raise SystemExit(main())
