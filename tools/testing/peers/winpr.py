# SPDX-License-Identifier: GPL-2.0-or-later
"""FreeRDP's WinPR as NTLM client: its SSPI, called through ctypes.

Its interface is the one that libsspi has, too; the structs here are those of
64-bit Windows.
"""

import ctypes
from ctypes import POINTER, Structure, byref, c_int32, c_ubyte, c_uint32, c_void_p

LIBRARY = "libwinpr2.so.2"

SEC_E_OK = 0
SEC_I_CONTINUE_NEEDED = 0x90312
SECPKG_CRED_OUTBOUND = 2
SECBUFFER_DATA = 1
SECBUFFER_TOKEN = 2
SECBUFFER_CHANNEL_BINDINGS = 14
ISC_REQ_REPLAY_DETECT = 0x4
ISC_REQ_SEQUENCE_DETECT = 0x8
ISC_REQ_CONFIDENTIALITY = 0x10
ISC_REQ_USE_SUPPLIED_CREDS = 0x80
ISC_REQ_INTEGRITY = 0x10000
AUTH_IDENTITY_UNICODE = 2
ROOM = 4096
TRAILER = 16


class Handle(Structure):
    """SecHandle"""
    _fields_ = [("lower", c_void_p), ("upper", c_void_p)]


class Buffer(Structure):
    """SecBuffer"""
    _fields_ = [("len", c_uint32), ("type", c_uint32), ("data", c_void_p)]


class Desc(Structure):
    """SecBufferDesc"""
    # What the buffers point to, which ctypes does not know.
    keep = None
    _fields_ = [("version", c_uint32), ("count", c_uint32), ("buffers", POINTER(Buffer))]


class Identity(Structure):
    """SEC_WINNT_AUTH_IDENTITY"""
    _fields_ = [("user", c_void_p), ("user_len", c_uint32), ("domain", c_void_p),
                ("domain_len", c_uint32), ("password", c_void_p), ("password_len", c_uint32),
                ("flags", c_uint32)]


class Error(Exception):
    """A status that is not success."""

    def __init__(self, function, status):
        super().__init__(f"{function}: {status & 0xffffffff:#010x}")
        self.status = status & 0xffffffff


def _describe(*buffers):
    """A SecBufferDesc of (type, ctypes array or None); it keeps what it points to."""
    array = (Buffer * len(buffers))()
    for slot, (kind, data) in zip(array, buffers):
        slot.type = kind
        slot.len = len(data) if data is not None else 0
        slot.data = ctypes.cast(data, c_void_p) if data is not None else None
    desc = Desc(0, len(buffers), array)
    desc.keep = (array, buffers)
    return desc


def _array(data):
    return (c_ubyte * len(data)).from_buffer_copy(data) if data else (c_ubyte * 0)()


class Client:
    """An initiator of NTLM; WinPR 2 has MakeSignature in name only."""

    LACKS = {"signatures"}

    def __init__(self, user, domain, password, seal=True):
        self.lib = ctypes.CDLL(LIBRARY)
        for name in ("AcquireCredentialsHandleW", "InitializeSecurityContextW",
                     "EncryptMessage", "DecryptMessage"):
            getattr(self.lib, name).restype = c_int32
        self.flags = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_INTEGRITY
        if seal:
            self.flags |= ISC_REQ_CONFIDENTIALITY
        self.credential, self.context = Handle(), Handle()
        self.begun = False
        # WinPR takes the sequence number from its caller.
        self.sent = self.received = 0
        self._acquire(user, domain, password)

    def _call(self, name, *args):
        status = getattr(self.lib, name)(*args)
        if status < 0:
            raise Error(name, status)
        return status

    def _acquire(self, user, domain, password):
        texts = [(ctypes.c_uint16 * (len(t.encode("utf-16-le")) // 2 + 1)).from_buffer_copy(
            t.encode("utf-16-le") + b"\0\0") for t in (user, domain, password)]
        identity = Identity(flags=AUTH_IDENTITY_UNICODE)
        for name, text in zip(("user", "domain", "password"), texts):
            setattr(identity, name, ctypes.cast(text, c_void_p))
            setattr(identity, f"{name}_len", len(text) - 1)
        self.keep = (identity, texts)
        package = (ctypes.c_uint16 * 5)(*b"NTLM")
        expiry = ctypes.c_int64()
        self._call("AcquireCredentialsHandleW", None, package, SECPKG_CRED_OUTBOUND, None,
                   byref(identity), None, None, byref(self.credential), byref(expiry))

    def token(self, challenge):
        """The next token; challenge is None the first time."""
        room = (c_ubyte * ROOM)()
        out = _describe((SECBUFFER_TOKEN, room))
        inputs = _describe((SECBUFFER_TOKEN, _array(challenge))) if challenge else None
        attributes, expiry = c_uint32(), ctypes.c_int64()
        self._call("InitializeSecurityContextW", byref(self.credential),
                   byref(self.context) if self.begun else None, None,
                   c_uint32(self.flags), 0, 16, byref(inputs) if inputs else None, 0,
                   byref(self.context), byref(out), byref(attributes), byref(expiry))
        self.begun = True
        return bytes(room[:out.buffers[0].len])

    def _send(self, function, data):
        token, array = (c_ubyte * TRAILER)(), _array(data)
        desc = _describe((SECBUFFER_TOKEN, token), (SECBUFFER_DATA, array))
        self._call(function, byref(self.context), 0, byref(desc), self.sent)
        self.sent += 1
        return bytes(token), bytes(array)

    def _receive(self, function, token, data):
        array, qop = _array(data), c_uint32()
        desc = _describe((SECBUFFER_TOKEN, _array(token)), (SECBUFFER_DATA, array))
        self._call(function, byref(self.context), byref(desc), self.received, byref(qop))
        self.received += 1
        return bytes(array)

    def wrap(self, data):
        """Seals: (token, data)."""
        return self._send("EncryptMessage", data)

    def unwrap(self, token, data):
        """The data of a sealed message."""
        return self._receive("DecryptMessage", token, data)
