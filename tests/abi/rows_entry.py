"""Rows E1-E7: the entry, judged before an instruction of the plugin is called."""

import json
import unittest

from common import (ABI, ABI_MAJOR, ABI_MINOR, OPCODE, REFUSED, RowTest, Subject, TEST_PLUGINS, died_of, sidecar)


class Entry(RowTest):
    def compiled(self, name, id="test.good", provides=(OPCODE + "test.add",)):
        """A small plugin of tests/abi/plugins with a sidecar beside it, in a folder of its own."""
        folder = self.new_folder()
        library = folder / (name + ".so")
        library.write_bytes((TEST_PLUGINS / (name + ".so")).read_bytes())
        library.with_suffix(".rvm.json").write_text(json.dumps(sidecar(id, library.name, provides)))
        library.chmod(0o644)
        return library

    def assert_compiled(self, name, code, where, expected, found):
        library = self.compiled(name)
        self.assert_refused(self.judge(library), code, library, where, expected, found)
        self.assert_others_run(library.parent)

    def test_E1_no_entry_symbol(self):
        self.assert_compiled("no_entry", "RVM-E01", "exported symbols", "one symbol rvm_plugin_entry_v0",
                             "test_something")

    def test_E1_two_entry_symbols(self):
        self.assert_compiled("two_entries", "RVM-E01", "exported symbols", "one symbol rvm_plugin_entry_v0",
                             "rvm_plugin_entry_v0, rvm_plugin_entry_v9")

    def test_E1_symbol_is_a_function(self):
        self.assert_compiled("function_entry", "RVM-E01", "symbol rvm_plugin_entry_v0", "OBJECT", "FUNC")

    def test_E1_wrong_magic(self):
        self.assert_row(Subject(entry={"magic": 0x12345678}), "RVM-E01", "entry.magic", "0x304d5652", "0x12345678")

    def test_E1_no_create(self):
        self.assert_row(Subject(build="subject_without_create"), "RVM-E01", "entry.create", "a function", "NULL")

    def test_E2_other_major(self):
        for major in (1, 2, 0xFFFFFFFF):
            with self.subTest(major=major):
                self.assert_row(Subject(entry={"abi_major": major}), "RVM-E02", "entry.abi_major", ABI,
                                f"ABI {major}.{ABI_MINOR}")

    def test_E2_other_minor(self):
        for minor in (ABI_MINOR - 1, ABI_MINOR + 1, 0xFFFFFFFF):
            with self.subTest(minor=minor):
                self.assert_row(Subject(entry={"abi_minor_built": minor, "abi_minor_needed": minor}), "RVM-E02",
                                "entry.abi_minor_built", ABI, f"ABI {ABI_MAJOR}.{minor}")

    def test_E2_needs_a_newer_host(self):
        self.assert_row(Subject(entry={"abi_minor_needed": 99}), "RVM-E02", "entry.abi_minor_needed",
                        f"at most {ABI_MAJOR}.{ABI_MINOR}", f"{ABI_MAJOR}.99")

    def test_E2_known_from_the_sidecar_before_the_code_is_mapped(self):
        subject = Subject(behaviour="constructor: aborts")
        self.assert_row(subject, "RVM-E02", "abi", ABI, "ABI 3.1", abi={"major": 3, "built": 1, "needs": 1})

    def test_E3_small_entry(self):
        for size in (0, 8, 47):
            with self.subTest(size=size):
                self.assert_row(Subject(entry={"struct_size": size}), "RVM-E01", "entry.struct_size", "at least", str(size))

    def test_E3_larger_entry_is_a_newer_plugin(self):
        library = Subject(entry={"struct_size": 4000}).write(self.new_folder())
        self.assert_status(0, self.judge(library))

    def test_E4_word_and_pointer_sizes(self):
        for field, found in (("word_size", 4), ("pointer_size", 4), ("word_size", 16)):
            with self.subTest(field=field, found=found):
                self.assert_row(Subject(entry={field: found}), "RVM-E02", "entry." + field, "8", str(found))

    def test_E5_no_descriptor(self):
        self.assert_row(Subject(build="subject_without_descriptor"), "RVM-E03", "entry.descriptor", "an rvm_descriptor",
                        "NULL")

    def test_E5_texts_of_the_descriptor(self):
        for behaviour, where, expected, found in (
                ("descriptor: null id", "descriptor.id", "UTF-8", "missing"),
                ("descriptor: malformed id", "descriptor.id", "[a-z0-9._-]{1,64}", "Not An Id"),
                ("descriptor: huge text", "descriptor.description", "at most 65536 bytes", "longer than"),
                ("descriptor: not utf-8", "descriptor.name", "UTF-8", "UTF-8")):
            with self.subTest(behaviour=behaviour):
                self.assert_row(Subject(behaviour=behaviour), "RVM-E03", where, expected, found)

    def test_E6_every_field_that_differs_from_the_sidecar(self):
        schema = {"type": "object", "properties": {"size": {"type": "integer"}}}
        for field, changes, expected, found in (
                ("id", {"id": "test.other"}, "test.other", "test.subject"),
                ("version", {"version": "1.0.1"}, "1.0.1", "1.0.0"),
                ("provides", {"provides": [OPCODE + "test.subject.add", OPCODE + "test.more"]}, "test.more", "none"),
                ("requires", {"requires": ["rvm.host.vm/1"]}, "rvm.host.vm/1", "none"),
                ("config_schema", {"config_schema": schema}, "size", '""'),
                ("name", {"name": "Other"}, "Other", "Subject"),
                ("vendor", {"vendor": "Other"}, "Other", "rvm"),
                ("license", {"license": "0BSD"}, "0BSD", "MIT"),
                ("description", {"description": "another"}, "another", "on trial"),
                ("abi", {"abi": {"major": ABI_MAJOR, "built": ABI_MINOR, "needs": 0}}, "needs 0", f"needs {ABI_MINOR}")):
            with self.subTest(field=field):
                self.assert_row(Subject(), "RVM-E04", field, expected, found, **changes)

    def test_E6_library_named_by_the_sidecar(self):
        library = Subject().write(self.new_folder(), library="other.so")
        self.assert_refused(self.judge(library), "RVM-E04", library.with_suffix(".rvm.json"), "/library", library.name,
                            "other.so")
        self.assert_others_run(library.parent)

    def test_E7_constructors_are_reached_only_after_trust(self):
        library = Subject(behaviour="constructor: aborts").write(self.new_folder())
        wrong = {"path": str(library), "sha256": "0" * 64}
        self.assert_refused(self.judge(wrong), "RVM-T03", library, "/plugins/0/sha256", "0" * 64, "")

    def test_E7_check_reports_what_constructors_do(self):
        for behaviour, found in (("constructor: aborts", "signal 6"), ("constructor: exits", "exit status 0"),
                                 ("constructor: sleeps", "no end after 2 seconds")):
            with self.subTest(behaviour=behaviour):
                library = Subject(behaviour=behaviour).write(self.new_folder())
                result = self.rvm("plugin", "check", library, "--json", "--seconds", "2")
                self.assert_status(REFUSED, result)
                findings = [entry for step in result.json()["steps"] for entry in step["findings"]]
                self.assertEqual([("RVM-V01", str(library), "load")],
                                 [(entry["code"], entry["file"], entry["where"]) for entry in findings])
                self.assertIn(found, findings[0]["found"])
                self.assertIsNone(died_of(result))


if __name__ == "__main__":
    unittest.main()
