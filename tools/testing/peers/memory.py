# SPDX-License-Identifier: GPL-2.0-or-later
"""Searching the memory of processes, and what travels over netlink."""

import fcntl
import os
import socket
import struct
import subprocess

CHUNK = 1 << 16
# The kernel's own pages in each process; they have no other reader either.
UNREADABLE = ("[vvar]", "[vvar_vclock]", "[vsyscall]")
ETH_P_ALL = 0x0003
SO_RCVBUFFORCE = 33
RECEIVE_BUFFER = 64 << 20
NLMSG_HEADER = struct.Struct("=IHHII")


def _regions(pid):
    """(begin, end, name) of all that the process can read."""
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as f:
        for line in f:
            words = line.split(maxsplit=5)
            begin, end = (int(word, 16) for word in words[0].split("-"))
            name = words[5].strip() if len(words) > 5 else ""
            if words[1].startswith("r") and name not in UNREADABLE:
                yield begin, end, name


class Found(dict):
    """Where needles were found, by their names; size is how much was searched."""

    size = 0


def search(pid, needles):
    """Searches all readable memory of a process for {name: bytes}."""
    found = Found()
    overlap = max(map(len, needles.values())) - 1
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for begin, end, name in _regions(pid):
            at, tail = begin, b""
            while at < end:
                mem.seek(at)
                data = mem.read(min(CHUNK, end - at))
                # What cannot be read has not been searched: that is an error.
                if not data:
                    raise OSError(f"process {pid}: no memory at {at:#x} ({name})")
                at += len(data)
                found.size += len(data)
                data = tail + data
                tail = data[-overlap:]
                # Most of it, stacks that were never used, is worth one look only.
                if not data.strip(b"\0"):
                    continue
                for needle, value in needles.items():
                    if value in data:
                        found.setdefault(needle, f"{name or 'anonymous'} {begin:x}-{end:x}")
    return found


class NetlinkTap:
    """An nlmon device: everything that passes through netlink on this machine."""

    DEVICE = "nlmon-test"

    def __init__(self):
        subprocess.run(["modprobe", "nlmon"], check=True)
        subprocess.run(["ip", "link", "add", self.DEVICE, "type", "nlmon"], check=True)
        subprocess.run(["ip", "link", "set", self.DEVICE, "up"], check=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                    socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self.socket.bind((self.DEVICE, 0))
        fcntl.fcntl(self.socket, fcntl.F_SETFL, os.O_NONBLOCK)
        self.packets = []

    def drain(self):
        """Takes what has come."""
        while True:
            try:
                self.packets.append(self.socket.recv(1 << 20))
            except BlockingIOError:
                return

    @property
    def lost(self):
        """Packets that there was no room for: PACKET_STATISTICS."""
        return struct.unpack("=II", self.socket.getsockopt(263, 6, 8))[1]

    def messages(self, family, command):
        """The messages of a generic netlink family, without those of no content."""
        count = 0
        for packet in self.packets:
            at = 0
            while at + NLMSG_HEADER.size <= len(packet):
                length, kind, *_ = NLMSG_HEADER.unpack_from(packet, at)
                if length < NLMSG_HEADER.size:
                    break
                if kind == family and length > 20 and packet[at + 16] == command:
                    count += 1
                at += (length + 3) & ~3
        return count

    def search(self, needles):
        """The needles that are in a packet."""
        return Found({name: "netlink" for name, value in needles.items()
                      if any(value in packet for packet in self.packets)})

    def close(self):
        """Removes the device."""
        self.socket.close()
        subprocess.run(["ip", "link", "del", self.DEVICE], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
