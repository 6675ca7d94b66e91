"""Recordings for the tests: made, changed with the checksum right again, replayed."""

import hashlib

from support import CliTest


def mended(data):
    return data[:-32] + hashlib.sha256(data[:-32]).digest()


def changed(data, old, new, count=-1):
    """Every place (or the first ones) where `old` stands, with the checksum right again."""
    assert len(old) == len(new) and old in data, (old, new)
    return mended(data.replace(old, new, count))


class RecordingTest(CliTest):
    def record(self, *words, status=0, options=()):
        self.assert_status(status, self.rvm("record", "-o", "r.rvmrec", *options, *words))
        return (self.folder / "r.rvmrec").read_bytes()

    def replay(self, *words, status=0, file="r.rvmrec"):
        return self.assert_status(status, self.rvm("replay", file, "--json", *words)).json()

    def replay_of(self, data, *words, status=1):
        self.write("c.rvmrec", data)
        return self.replay(*words, status=status, file="c.rvmrec")["divergence"]
