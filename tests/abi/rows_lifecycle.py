"""Rows L1-L11: from create to destroy, configuration, dependencies, and the end of the process."""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from common import CRYPTO, OPCODE, PROGRAM, REFUSED, RowTest, Subject, died_of, prepare

SCHEMA = json.dumps({"type": "object", "additionalProperties": False,
                     "properties": {"size": {"type": "integer", "minimum": 1, "maximum": 9},
                                    "text": {"type": "string"}, "any": {}}})
STEPS = ("create", "configure", "contributions", "link", "start")


class Lifecycle(RowTest):
    def journal(self, pid):
        """What plugins noted in one process: loading is rehearsed in another one."""
        path = self.folder / "journal"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [line.split(" ", 1)[1] for line in lines if line.startswith(f"{pid} ")]

    def subject(self, behaviour="", **more):
        return Subject(behaviour=behaviour, journal=self.folder / "journal", **more)

    # ---- L1, L2 ----

    def test_L1_create_must_return_a_whole_table(self):
        for behaviour, where, expected, found in (
                ("create: fails", "create", "status 0", "status -7"),
                ("create: null", "create", "an rvm_plugin", "NULL"),
                ("create: small table", "plugin.struct_size", "at least", "0"),
                ("create: no destroy", "plugin.destroy", "a function", "NULL"),
                ("create: no contributions", "plugin.contributions", "a function", "NULL")):
            with self.subTest(behaviour=behaviour):
                self.assert_row(Subject(behaviour=behaviour), "RVM-L01", where, expected, found)

    def test_L1_the_plugins_own_words_are_shown(self):
        entry = self.assert_row(Subject(behaviour="create: fails"), "RVM-L01", "create", "status 0", "status -7")
        self.assertIn("failed as told", entry["message"])
        self.assertEqual("test.subject", entry["plugin"])

    def test_L2_exceptions_of_cold_calls_are_caught(self):
        for step in STEPS:
            with self.subTest(step=step):
                self.assert_row(Subject(behaviour=step + ": throws"), "RVM-L02", step, "a status", "thrown by " + step)

    def test_L2_exceptions_at_the_end_do_not_stop_other_plugins_from_ending(self):
        for step in ("stop", "destroy"):
            with self.subTest(step=step):
                folder = self.new_folder()
                library = self.subject(step + ": throws").write(folder)
                other = self.subject(id="test.other").write(folder)
                result = self.judge(other, library)
                if step == "stop":
                    self.assert_refused(result, "RVM-L02", library, step, "a status", "thrown by stop")
                else:
                    self.assert_status(0, result)  # after stop there is nobody left to be told
                self.assertIn("test.other destroy", self.journal(result.pid))
                (self.folder / "journal").unlink()

    def test_L2_exceptions_of_hot_calls_end_the_process_naming_the_plugin(self):
        opcode = Subject(behaviour="opcode: throws").write(self.new_folder())
        result = self.run_program("push 1\npush 2\ntest.subject.add\n", opcode)
        self.assertEqual("SIGABRT", died_of(result), result)
        self.assertIn("test.subject", result.err)

    # ---- L3 ----

    def assert_config(self, config, code, where, expected, found):
        folder = self.new_folder()
        library = Subject(schema=SCHEMA).write(folder)
        manifest = self.manifest([self.pinned(library, config=config)])
        self.assert_refused(self.config_check(manifest), code, manifest, where, expected, found)
        self.assert_others_run(folder)

    def test_L3_configuration_against_its_schema(self):
        self.assert_config({"size": 10}, "RVM-C01", "/plugins/0/config/size", "9", "10")
        self.assert_config({"size": "1"}, "RVM-C01", "/plugins/0/config/size", "integer", "")
        self.assert_config({"sise": 1}, "RVM-C01", "/plugins/0/config/sise", None, "sise")

    def test_L3_configuration_of_a_plugin_that_takes_none(self):
        folder = self.new_folder()
        library = Subject().write(folder)
        manifest = self.manifest([self.pinned(library, config={"size": 1})])
        self.assert_refused(self.config_check(manifest), "RVM-C01", manifest, "/plugins/0/config", "{}", "size")
        self.assert_others_run(folder)

    def test_L3_schema_that_is_not_valid(self):
        folder = self.new_folder()
        subject = Subject(schema=json.dumps({"type": "object", "properties": {"size": {"type": "whole number"}}}))
        library = subject.write(folder)
        self.assert_refused(self.judge(library), "RVM-C02", library.with_suffix(".rvm.json"),
                            "/config_schema/properties/size/type", "integer", "whole number")
        self.assert_others_run(folder)

    def test_L3_large_configuration(self):
        self.assert_config({"text": "x" * 1_000_000}, "RVM-C03", "/plugins/0/config", "65536", "10000")

    def test_L3_deep_configuration(self):
        deep = 1
        for _ in range(40):
            deep = [deep]
        self.assert_config({"any": deep}, "RVM-C04", "/plugins/0/config", "32", "")

    def test_L3_very_deep_manifest(self):
        library = Subject(schema=SCHEMA).write(self.new_folder())
        text = self.manifest([self.pinned(library, config={"any": 1})]).read_text()
        manifest = self.folder / "deep.json"
        manifest.write_text(text.replace('"any": 1', '"any": ' + "[" * 100_000 + "]" * 100_000))
        result = self.config_check(manifest)
        self.assert_refused(result, "RVM-C04", manifest, "/plugins/0/config/any/0/0", "64 levels at most", "more")

    # ---- L4 ----

    def test_L4_failure_at_each_step_undoes_the_steps_before(self):
        for at, step in enumerate(STEPS):
            if step == "contributions":
                continue  # has no status: see L2 and K7
            with self.subTest(step=step):
                folder = self.new_folder()
                first = self.subject(id="test.first").write(folder)
                broken = self.subject(step + ": fails").write(folder)
                last = self.subject(id="test.last").write(folder)
                result = self.judge(first, broken, last)
                code = "RVM-L01" if step == "create" else "RVM-L04"
                self.assert_refused(result, code, broken, step, "status 0", "status -7")
                lines = self.journal(result.pid)
                mine = [line.split(" ", 1)[1] for line in lines if line.startswith("test.subject ")]
                done = list(STEPS[:at + 1])
                if "contributions" in done:
                    done.insert(done.index("contributions"), "contributions")  # asked twice
                undone = [] if step == "create" else ["destroy"]
                self.assertEqual(done + undone, [line for line in mine if line not in ("static", "thread local", "pthread key")])
                for other in ("test.first", "test.last"):  # others live on, from create to destroy
                    for part in (*STEPS, "stop", "destroy"):
                        self.assertIn(f"{other} {part}", lines)
                self.assert_others_run(folder)
                (self.folder / "journal").unlink()

    def test_L4_failed_plugin_leaves_nothing_in_the_world(self):
        folder = self.new_folder()
        Subject(behaviour="link: fails").write(folder)
        program = "push 20\npush 22\nadd\n"
        with_it = self.run_program(program, search_paths=[str(folder)], discovery="directory")
        without = self.run_program(program)
        self.assert_status(0, with_it)
        self.assertEqual(without.out, with_it.out)

    # ---- L5, L6, L7 ----

    def test_L5_dependency_missing(self):
        self.assert_row(Subject(requires=[CRYPTO + "test.absent"]), "RVM-D01", "requires",
                        "a plugin or host interface that provides it", "none")

    def test_L5_optional_dependency_missing(self):
        library = Subject(requires=["?" + CRYPTO + "test.absent"]).write(self.new_folder())
        self.assert_status(0, self.judge(library))

    def test_L5_dependency_refused(self):
        folder = self.new_folder()
        provider = Subject("test.provider", "create: fails").write(folder)
        user = Subject(requires=[OPCODE + "test.provider.add"]).write(folder)
        result = self.judge(user, provider)
        self.assert_refused(result, "RVM-D01", user, "requires", "a loaded plugin", "RVM-L01")
        self.assert_others_run(folder)

    def test_L5_cycles(self):
        for length in (2, 5):
            with self.subTest(length=length):
                folder = self.new_folder()
                ids = [f"test.ring{i}" for i in range(length)]
                libraries = [Subject(id, requires=[OPCODE + ids[(i + 1) % length] + ".add"]).write(folder)
                             for i, id in enumerate(ids)]
                result = self.judge(*libraries)
                entry = self.assert_refused(result, "RVM-D02", libraries[0], "requires", "an order", " -> ")
                for id in ids:
                    self.assertIn(id, entry["found"])
                refused = {finding["file"] for finding in result.findings() if finding["code"] == "RVM-D02"}
                self.assertEqual({str(library) for library in libraries}, refused)

    def test_L5_plugin_that_requires_itself(self):
        self.assert_row(Subject(requires=[OPCODE + "test.subject.add"]), "RVM-D02", "requires", "an order",
                        "test.subject -> test.subject")

    def test_L6_resolves_what_it_did_not_declare(self):
        self.assert_row(Subject(behaviour="link: resolves undeclared"), "RVM-D03", "requires",
                        "an id listed in requires", "not listed")

    def test_L7_same_plugin_listed_twice(self):
        library = Subject().write(self.new_folder())
        self.assert_refused(self.judge(library, library), "RVM-D04", library, "/plugins/1", "test.subject", "")

    def test_L7_same_id_in_two_files(self):
        folder = self.new_folder()
        first = Subject().write(folder, "a")
        second = Subject().write(folder, "b")
        self.assert_refused(self.judge(first, second), "RVM-D04", second, "/plugins/1", "test.subject", str(first))
        manifest = self.manifest([{"id": "test.subject"}], search_paths=[str(folder)])
        self.assert_refused(self.config_check(manifest), "RVM-D04", second, "/plugins/0", "test.subject",
                            f"{first} and {second}")

    def test_L7_same_file_under_two_names(self):
        folder = self.new_folder()
        first = Subject().write(folder, "a")
        second = folder / "b.so"
        os.link(first, second)
        side = json.loads(first.with_suffix(".rvm.json").read_text())
        second.with_suffix(".rvm.json").write_text(json.dumps({**side, "library": "b.so"}))
        self.assert_refused(self.judge(first, second), "RVM-D04", second, "/plugins/1", "test.subject", str(first))

    # ---- L8, L9, L10, L11 ----

    def test_L8_no_stop_and_no_destroy_while_a_frame_runs(self):
        library = self.subject("opcode: slow").write(self.new_folder())
        manifest = self.manifest([library])
        program = self.assembly("push 1\npush 2\ntest.subject.add\n")
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                child = subprocess.Popen([PROGRAM, "run", str(program), "--config", str(manifest)],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)
                deadline = time.monotonic() + 60
                while "test.subject opcode begins" not in self.journal(child.pid) and time.monotonic() < deadline:
                    time.sleep(0.02)
                child.send_signal(number)
                child.wait(60)
                lines = self.journal(child.pid)
                begun = lines.index("test.subject opcode begins")
                end = lines.index("test.subject opcode ends") if "test.subject opcode ends" in lines else len(lines)
                for step in ("stop", "destroy"):
                    self.assertNotIn("test.subject " + step, lines[begun:end])
                (self.folder / "journal").unlink()

    def test_L9_late_stop(self):
        library = Subject(behaviour="stop: late").write(self.new_folder())
        result = self.judge(library)
        entry = self.assert_refused(result, "RVM-L05", library, "stop", "at most 2000 ms", " ms")
        self.assertEqual("test.subject", entry["plugin"])
        self.assertGreaterEqual(int(entry["found"].split()[0]), 2300)

    def test_L9_late_stop_after_a_verb(self):
        library = self.subject("stop: late").write(self.new_folder())
        result = self.assert_status(REFUSED, self.run_program("push 1\npush 2\ntest.subject.add\n", library))
        self.assertEqual("3", result.json()["result"]["decimal"])  # the program itself ended well
        for part in ("RVM-L05", str(library), "stop", "at most 2000 ms", "test.subject"):
            self.assertIn(part, result.err)

    def test_L9_services_that_do_not_stop_in_time(self):
        for name, expected, found in (("service_stops_late", "at most 1000 ms", " ms"),
                                      ("service_never_stops", "at most 1000 ms", "more than 3000 ms"),
                                      ("service_leaves_thread", "", "")):
            with self.subTest(name=name):
                library = prepare(name, self.new_folder())
                result = self.assert_status(REFUSED, self.rvm("plugin", "check", library, "--json"))
                findings = [entry for step in result.json()["steps"] for entry in step["findings"]]
                late = [entry for entry in findings if entry["code"] == "RVM-L05"]
                self.assertTrue(late, result)
                self.assertEqual((str(library), "service test.bad", "test.bad"),
                                 (late[0]["file"], late[0]["where"], late[0]["plugin"]))
                self.assertIn(expected, late[0]["expected"])
                self.assertIn(found, late[0]["found"])

    def test_L9_thread_left_behind_is_found_by_the_check(self):
        library = Subject(behaviour="stop: leaves a thread").write(self.new_folder())
        result = self.assert_status(REFUSED, self.rvm("plugin", "check", library, "--json"))
        findings = [entry for step in result.json()["steps"] for entry in step["findings"]]
        left = [entry for entry in findings if entry["code"] == "RVM-V06" and entry["where"] == "threads"]
        self.assertTrue(left, result)
        self.assertEqual((str(library), "test.subject"), (left[0]["file"], left[0]["plugin"]))
        self.assertGreater(int(left[0]["found"]), int(left[0]["expected"]))

    def test_L10_the_process_ends_cleanly(self):
        folder = self.new_folder()
        libraries = [self.subject(id=f"test.part{i}").write(folder) for i in range(3)]
        text = "push 1\npush 2\ntest.part0.add\npush 3\ntest.part1.add\npush 4\ntest.part2.add\n"
        result = self.assert_status(0, self.run_program(text, *libraries))
        self.assertEqual("10", result.json()["result"]["decimal"])
        lines = self.journal(result.pid)
        for i in range(3):
            mine = [line.split(" ", 1)[1] for line in lines if line.startswith(f"test.part{i} ")]
            self.assertEqual(["stop", "destroy"], [step for step in mine if step in ("stop", "destroy")])
            for late in ("thread local", "static"):  # objects of the library outlive the plugin: it stays mapped
                self.assertGreater(mine.index(late), mine.index("destroy"))

    def test_L11_file_replaced_between_two_starts(self):
        folder = self.new_folder()
        library = Subject().write(folder)
        manifest = self.manifest([self.pinned(library)], profile="consensus", trust={"require": "pin"})
        self.assert_status(0, self.config_check(manifest))
        pin = json.loads(manifest.read_text())["plugins"][0]["sha256"]
        shutil.move(Subject(behaviour="opcode: free").write(folder, "new"), library)
        self.assert_refused(self.config_check(manifest), "RVM-T03", library, "/plugins/0/sha256", pin, "")

    def test_L11_there_is_no_reload(self):
        self.assert_status(2, self.rvm("plugin", "reload", "test.subject"))


if __name__ == "__main__":
    unittest.main()
