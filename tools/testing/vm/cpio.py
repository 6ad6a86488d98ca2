# SPDX-License-Identifier: GPL-2.0-or-later
"""Archives as the kernel unpacks them into its initial file system.

The format is the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
Archives that follow each other are unpacked one after the other, as long as each
begins at a multiple of four bytes: Archive.bytes() is padded so.
"""


class Archive:
    """A cpio archive in the making; paths are relative to /."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def _entry(self, name, mode, data):
        self.inode += 1
        name = name.encode() + b"\0"
        fields = [self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        self.data += b"070701" + b"".join(b"%08x" % f for f in fields) + name
        self._pad(4)
        self.data += data
        self._pad(4)

    def _pad(self, unit):
        self.data += b"\0" * (-len(self.data) % unit)

    def folder(self, name):
        """Adds a folder; those above it must have been added."""
        self._entry(name, 0o040755, b"")

    def file(self, name, data, mode=0o644):
        """Adds a regular file."""
        self._entry(name, 0o100000 | mode, data)

    def bytes(self):
        """The finished archive."""
        self._entry("TRAILER!!!", 0, b"")
        self._pad(512)
        return bytes(self.data)


def early(modules):
    """The archive that the guest's first program finds itself in.

    modules are (name, bytes) of those that are needed to mount the root, in loading
    order.
    """
    archive = Archive()
    for folder in ("dev", "proc", "sys", "ro", "rw", "root", "modules"):
        archive.folder(folder)
    for name, data in modules:
        archive.file(f"modules/{name}", data)
    archive.file("modules/order", "".join(f"{name}\n" for name, _ in modules).encode())
    return archive.bytes()
