# SPDX-License-Identifier: GPL-2.0-or-later
"""Tokens of contexts in sspi-pipe, and threads of this process that run as their clients."""

import contextlib
import ctypes
import os
import shutil
import subprocess

import sspi_pipe as sspi

_SYS_PIDFD_GETFD = 438


class _Account(ctypes.Structure):
    _fields_ = [("uid", ctypes.c_uint32), ("gid", ctypes.c_uint32),
                ("count", ctypes.c_uint32), ("groups", ctypes.POINTER(ctypes.c_uint32))]


class _Info(ctypes.Structure):
    """LinuxTokenInfo of sspi_linux.h."""
    _fields_ = [("logon_low", ctypes.c_uint32), ("logon_high", ctypes.c_int32),
                ("flags", ctypes.c_uint32), ("account", ctypes.POINTER(_Account)),
                ("user", ctypes.c_char_p), ("package", ctypes.c_char_p),
                ("start", ctypes.c_int64), ("expiry", ctypes.c_int64),
                ("ccache", ctypes.c_char_p), ("count", ctypes.c_uint32),
                ("sids", ctypes.POINTER(ctypes.c_char_p))]


def library():
    """libsspi of the build that sspi-pipe is of."""
    program = shutil.which(os.environ.get("SSPI_PIPE", "sspi-pipe"))
    lib = ctypes.CDLL(os.path.join(os.path.dirname(program), "../lib/libsspi.so.0"),
                      use_errno=True)
    lib.LinuxQueryToken.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.POINTER(_Info))]
    lib.FreeContextBuffer.argtypes = [ctypes.c_void_p]
    lib.ImpersonateLoggedOnUser.argtypes = [ctypes.c_void_p]
    return lib


class Token:
    """The token of the context in a sspi_pipe.Acceptor; to be used with 'with'."""

    def __init__(self, server):
        self.lib = library()
        pidfd = os.pidfd_open(server.pid)
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.syscall(_SYS_PIDFD_GETFD, pidfd,
                               server.query("access-token").number("fd"), 0)
        os.close(pidfd)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")

        info = ctypes.POINTER(_Info)()
        status = self.lib.LinuxQueryToken(self.fd, ctypes.byref(info)) & 0xffffffff
        if status:
            raise OSError(f"LinuxQueryToken: {sspi.Answer.name_of(status)}")
        self.flags = info.contents.flags
        self.uid = info.contents.account.contents.uid if info.contents.account else None
        ccache = info.contents.ccache
        self.ccache = ccache.decode() if ccache is not None else None
        self.sids = [info.contents.sids[i].decode() for i in range(info.contents.count)]
        self.lib.FreeContextBuffer(info)

    def fdinfo(self):
        """What /proc says of it: {name: text}."""
        with open(f"/proc/self/fdinfo/{self.fd}", encoding="utf-8") as f:
            return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)

    @contextlib.contextmanager
    def impersonated(self):
        """The calling thread runs as the client inside of the with statement."""
        if not self.lib.ImpersonateLoggedOnUser(self.fd):
            raise OSError(ctypes.get_errno(), "ImpersonateLoggedOnUser")
        try:
            yield
        finally:
            if not self.lib.RevertToSelf():
                os.abort()

    def run(self, *command, ccache=None):
        """A program that such a thread runs; its exit code and what it has written."""
        environ = {**os.environ, "KRB5CCNAME": ccache or self.ccache or "MEMORY:", "LC_ALL": "C"}
        with self.impersonated():
            done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=False,
                                  stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        os.close(self.fd)
