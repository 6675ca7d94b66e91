"""Rows F1-F10: the file itself, before anything of it is mapped."""

import json
import os
import random
import shutil
import socket
import stat
import struct
import subprocess
import threading
import unittest

from common import (NOBODY, OPCODE, PROGRAM, REFUSED, RowTest, SANITIZED, Subject, TEST_PLUGINS, died_of, owner,
                    sidecar)

# Offsets in the 64-bit ELF header and program header (elf(5)).
E_CLASS, E_DATA, E_TYPE, E_MACHINE, E_PHOFF, E_SHOFF, E_PHNUM, E_SHNUM = 4, 5, 16, 18, 32, 40, 56, 60
PH_SIZE, P_OFFSET, P_VADDR, P_FILESZ, P_MEMSZ = 56, 8, 16, 32, 40
HUGE = 0x7FFFFFFFFFFFF000


class File(RowTest):
    def damaged(self, data):
        """The subject's sidecar beside other bytes."""
        folder = self.new_folder()
        library = Subject().write(folder)
        library.write_bytes(data)
        return library

    def assert_malformed(self, data, where, expected, found):
        library = self.damaged(data)
        self.assert_refused(self.judge(library), "RVM-F02", library, where, expected, found)
        self.assert_others_run(library.parent)

    # ---- F1 ----

    def test_F1_missing(self):
        missing = self.new_folder() / "missing.so"
        self.assert_refused(self.judge(missing), "RVM-F01", missing, "open", "a readable file",
                            "No such file or directory")
        self.assert_others_run(missing.parent)

    def test_F1_missing_beside_its_sidecar(self):
        library = Subject().write(self.new_folder())
        library.unlink()
        self.assert_refused(self.judge(library), "RVM-F01", library, "open", "a readable file",
                            "No such file or directory")
        self.assert_others_run(library.parent)

    def test_F1_directory(self):
        library = Subject().write(self.new_folder())
        library.unlink()
        library.mkdir(mode=0o755)
        self.assert_refused(self.judge(library), "RVM-F01", library, "open", "a readable file", "Is a directory")
        self.assert_others_run(library.parent)

    def test_F1_empty(self):
        library = self.damaged(b"")
        self.assert_refused(self.judge(library), "RVM-F01", library, "size", "1 to", "0 bytes")
        self.assert_others_run(library.parent)

    def test_F1_unreadable_for_this_user(self):
        self.need_root()
        library = Subject().write(self.new_folder())
        library.chmod(0)
        manifest = self.manifest([library])
        self.assert_refused(self.config_check(manifest, uid=NOBODY), "RVM-F01", library, "open", "a readable file",
                            "Permission denied")

    # ---- F2, F3, F4, F5 ----

    def test_F2_truncated_at_every_512_bytes(self):
        whole = Subject().data
        folder = self.new_folder()
        library = Subject().write(folder)
        for size in range(512, len(whole), 512):
            with self.subTest(size=size):
                library.write_bytes(whole[:size])
                result = self.judge(library)
                self.assertIsNone(died_of(result))
                entry = self.assert_refused(result, "RVM-F02", library, "", "", "")
                for part in ("where", "expected", "found"):
                    self.assertTrue(entry.get(part), entry)
        self.assert_others_run(folder)

    def test_F3_random_bytes_changed(self):
        """A thousand files with up to eight changed bytes. The command that may meet any file runs it in a child."""
        dice = random.Random(3)
        whole = Subject().data
        folder = self.new_folder()
        library = Subject().write(folder)
        for number in range(1000):
            data = bytearray(whole)
            for _ in range(dice.randint(1, 8)):
                at = dice.randrange(4096 if number % 2 else len(data))  # headers and tables come first
                data[at] ^= dice.randint(1, 255)
            library.write_bytes(data)
            result = self.rvm("plugin", "inspect", library, "--json")
            self.assertIn(result.status, (0, REFUSED), (number, result))
            if number % 10 == 0:
                result = self.rvm("plugin", "check", library, "--json", "--seconds", "5")
                self.assertIn(result.status, (0, REFUSED), (number, result))
                if result.status == REFUSED:
                    self.assertTrue([entry for step in result.json()["steps"] for entry in step["findings"]], result)
        self.assert_others_run(folder)

    def test_F4_not_a_library_for_this_machine(self):
        whole = Subject().data
        patched = lambda at, data: whole[:at] + data + whole[at + len(data):]
        other_machine = 183 if struct.unpack_from("<H", whole, E_MACHINE)[0] == 62 else 62
        for data, where, expected, found in (
                (b"#!/bin/sh\necho this is no library\n" * 8, "e_ident", "7f454c46", "23212f62"),
                (patched(E_CLASS, b"\1"), "EI_CLASS", "2", "1"),
                (patched(E_DATA, b"\2"), "EI_DATA", "1", "2"),
                (patched(E_TYPE, b"\2\0"), "e_type", "3", "2"),
                (patched(E_MACHINE, struct.pack("<H", other_machine)), "e_machine", "", str(other_machine))):
            with self.subTest(where=where):
                self.assert_malformed(data, where, expected, found)

    def test_F5_header_fields_beyond_the_file(self):
        whole = Subject().data
        headers = struct.unpack_from("<Q", whole, E_PHOFF)[0]
        count = struct.unpack_from("<H", whole, E_PHNUM)[0]
        load = next(at for at in range(headers, headers + count * PH_SIZE, PH_SIZE)
                    if struct.unpack_from("<I", whole, at)[0] == 1)
        for name, at, form, value in (("e_phoff", E_PHOFF, "<Q", HUGE), ("e_phnum", E_PHNUM, "<H", 0xFFFF),
                                      ("p_offset", load + P_OFFSET, "<Q", HUGE), ("p_filesz", load + P_FILESZ, "<Q", HUGE),
                                      ("p_memsz", load + P_MEMSZ, "<Q", HUGE), ("p_vaddr", load + P_VADDR, "<Q", HUGE)):
            with self.subTest(field=name):
                data = bytearray(whole)
                struct.pack_into(form, data, at, value)
                library = self.damaged(bytes(data))
                result = self.judge(library)
                entry = self.assert_refused(result, "RVM-F02", library, "", "", "")
                self.assertTrue(entry.get("where") and entry.get("found"), entry)

    def test_F5_segments_that_overlap(self):
        data = bytearray(Subject().data)
        headers = struct.unpack_from("<Q", data, E_PHOFF)[0]
        count = struct.unpack_from("<H", data, E_PHNUM)[0]
        loads = [at for at in range(headers, headers + count * PH_SIZE, PH_SIZE)
                 if struct.unpack_from("<I", data, at)[0] == 1]
        first = struct.unpack_from("<Q", data, loads[0] + P_VADDR)[0]
        struct.pack_into("<Q", data, loads[1] + P_VADDR, first)
        self.assert_malformed(bytes(data), "", "", "")

    def test_F5_no_large_allocation(self):
        """A file that promises huge tables is judged within a small address space."""
        data = bytearray(Subject().data)
        struct.pack_into("<Q", data, E_SHOFF, HUGE)
        struct.pack_into("<H", data, E_SHNUM, 0xFFFF)
        library = self.damaged(bytes(data))
        limit = "" if SANITIZED else "ulimit -v 1000000; "
        manifest = self.manifest([library])
        done = subprocess.run(["sh", "-c", f'{limit}exec "$0" config check "$1"', PROGRAM, str(manifest)],
                              capture_output=True, timeout=60)
        self.assertIn(done.returncode, (0, REFUSED), done)  # the loader needs no section headers

    # ---- F6 ----

    def compiled(self, name):
        folder = self.new_folder()
        library = folder / (name + ".so")
        shutil.copy(TEST_PLUGINS / library.name, library)
        library.chmod(0o644)
        library.with_suffix(".rvm.json").write_text(json.dumps(sidecar("test.good", library.name, [OPCODE + "test.add"])))
        return library

    def test_F6_undefined_symbol(self):
        library = self.compiled("undefined_symbol")
        entry = self.assert_refused(self.judge(library), "RVM-F03", library, "dlopen", None, None)
        self.assertIn("rvm_test_nobody_defines_this", entry["message"])
        self.assert_others_run(library.parent)

    def test_F6_missing_library(self):
        library = self.compiled("missing_library")
        entry = self.assert_refused(self.judge(library), "RVM-F03", library, "dlopen", None, None)
        self.assertIn("librvm_test_absent.so", entry["message"])
        self.assert_others_run(library.parent)

    # ---- F7, F9 ----

    def test_F7_symbolic_link_as_file(self):
        folder = self.new_folder()
        target = Subject().write(self.new_folder("elsewhere"))
        Subject().write(folder)
        link = folder / target.name
        link.unlink()
        link.symlink_to(target)
        manifest = self.manifest([link], search_paths=[str(folder)])
        self.assert_refused(self.config_check(manifest), "RVM-T01", link, "path", "plain folders and a regular file",
                            "symbolic link")
        self.assert_others_run(folder)

    def test_F7_symbolic_link_as_folder(self):
        root = self.new_folder()
        real = self.new_folder("real")
        library = Subject().write(real)
        (root / "linked").symlink_to(real)
        listed = root / "linked" / library.name
        manifest = self.manifest([listed], search_paths=[str(root)])
        self.assert_refused(self.config_check(manifest), "RVM-T01", listed.with_suffix(".rvm.json"), "path",
                            "plain folders and a regular file", "symbolic link")

    def test_F7_names_in_a_sidecar(self):
        for name in ("../evil.so", "/tmp/evil.so", "evil\n.so", "evil\0.so"):
            with self.subTest(name=name):
                library = Subject().write(self.new_folder(), library=name)
                self.assert_refused(self.judge(library), "RVM-T01", library.with_suffix(".rvm.json"), "/library",
                                    "a file name without a directory", "evil" if "/" not in name else name)
                self.assert_others_run(library.parent)

    def test_F7_path_of_the_manifest_that_leaves_its_folder(self):
        folder = self.new_folder()
        library = Subject().write(self.new_folder("elsewhere"))
        manifest = self.manifest([{"path": "../" + library.parent.name + "/a\nb.so"}], folder=folder)
        self.assert_status(REFUSED, self.config_check(manifest))

    def test_F9_special_files(self):
        folder = self.new_folder()
        library = Subject().write(folder)
        library.unlink()
        os.mkfifo(library)
        self.assert_refused(self.judge(library), "RVM-T01", library, "path", "a regular file", "pipe")
        library.unlink()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(library))
            self.assert_refused(self.judge(library), "RVM-T01", library, "path", "regular file", "socket")
        library.unlink()
        self.assert_others_run(folder, trust={"require": "none"})

    def test_F9_device(self):
        self.need_root()
        library = Subject().write(self.new_folder())
        library.unlink()
        try:
            os.mknod(library, stat.S_IFCHR | 0o644, os.makedev(1, 5))  # /dev/zero: has no end
        except PermissionError:
            self.skipTest("no devices may be made here")
        self.assert_refused(self.judge(library), "RVM-T01", library, "path", "a regular file", "character device")

    def test_F9_special_files_that_are_found_do_not_hang_or_spread(self):
        folder = self.new_folder()
        os.mkfifo(folder / "pipe.so")
        os.mkfifo(folder / "pipe2.rvm.json")
        self.assert_others_run(folder)

    # ---- F8 ----

    def test_F8_writable_by_others(self):
        for mode in (0o664, 0o646, 0o666):
            with self.subTest(mode=oct(mode)):
                library = Subject().write(self.new_folder())
                library.chmod(mode)
                entry = self.assert_refused(self.judge(library), "RVM-T02", library, "permissions",
                                            "no write permission for group and others", f"mode {mode:04o}")
                self.assertIn("chmod go-w", entry["hint"])
                self.assert_others_run(library.parent)

    def test_F8_folder_writable_by_others(self):
        for mode in (0o775, 0o757, 0o777, 0o1777):
            with self.subTest(mode=oct(mode)):
                folder = self.new_folder()
                library = Subject().write(folder)
                folder.chmod(mode)
                entry = self.finding(self.assert_status(REFUSED, self.judge(library)), "RVM-T02")
                self.assertEqual(("permissions", f"mode {mode:04o}"), (entry["where"], entry["found"]))
                self.assertIn(entry["file"], (str(library), str(library.with_suffix(".rvm.json"))))

    def test_F8_permissions_of_everyday(self):
        library = Subject().write(self.new_folder())
        for mode in (0o755, 0o555, 0o644, 0o600, 0o400):
            library.chmod(mode)
            self.assert_status(0, self.judge(library))

    def test_F8_only_a_warning_in_development(self):
        library = Subject().write(self.new_folder())
        library.chmod(0o666)
        result = self.assert_status(0, self.judge(library, profile="development"))
        self.assert_finding(result, "RVM-T02", library, "permissions", "no write permission", "mode 0666",
                            severity="warning")

    def test_F8_owned_by_another_user(self):
        self.need_root()
        library = Subject().write(self.new_folder())
        with owner(library, NOBODY):
            self.assert_refused(self.judge(library), "RVM-T02", library, "permissions", "owner 0 or 0", f"owner {NOBODY}")
            self.assert_status(0, self.config_check(self.manifest([library]), uid=NOBODY))  # but its owner may
        with owner(library, NOBODY - 1):
            self.assert_refused(self.config_check(self.manifest([library]), uid=NOBODY), "RVM-T02", library, "permissions",
                                f"owner 0 or {NOBODY}", f"owner {NOBODY - 1}")
        self.assert_status(0, self.config_check(self.manifest([library]), uid=NOBODY))  # root's files are fine

    # ---- F10 ----

    def test_F10_swapped_between_check_and_load(self):
        """While another thread swaps two files under one name, only the pinned one is ever loaded."""
        folder, journal = self.new_folder(), self.folder / "journal"
        library = Subject().write(folder)
        right = library.read_bytes()
        wrong = Subject(journal=journal).data  # would say so in the journal
        manifest = self.manifest([self.pinned(library)])
        over = threading.Event()

        def swap():
            number = 0
            while not over.is_set():
                number += 1
                other = folder / "next"
                other.write_bytes(wrong if number % 2 else right)
                other.chmod(0o644)
                os.replace(other, library)

        thread = threading.Thread(target=swap)
        thread.start()
        seen = set()
        try:
            for _ in range(60):
                result = self.config_check(manifest)
                seen.add(result.status)
                if result.status != 0:
                    self.assertEqual("RVM-T03", result.findings()[0]["code"], result)
        finally:
            over.set()
            thread.join()
        self.assertLessEqual(seen, {0, REFUSED})
        self.assertFalse(journal.exists(), "the other file was loaded")


if __name__ == "__main__":
    unittest.main()
