// The reader of recordings: any bytes are refused with a place, or are a recording that is written as the same bytes and whose
// events can be read to their end.
#include "record/coding.hpp"
#include "record/recording.hpp"
#include "record/step_reader.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace rvm;

void need(bool good) {
    if (!good) std::abort();
}

void judge(const Bytes& file) {
    record::Recording recording;
    try {
        recording = record::decode(file, true);
    } catch (const record::Malformed& malformed) {
        need(malformed.offset <= file.size() && !malformed.expected.empty() && !malformed.found.empty());
        return;
    } catch (const record::Newer& newer) {
        need(newer.version > record::file_version);
        return;
    }
    need(record::encode(recording) == file);
    for (const record::World& world : recording.worlds)
        for (const record::Call& call : world.calls) {
            record::StepReader reader(call.events, 0, false);
            record::Event event;
            std::uint64_t instructions = 0;
            while (reader.next(event))
                instructions += event.kind == record::Event::Kind::op ? 1 : 0;
            need(instructions == reader.steps());
        }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The last bytes of a recording are a hash, which no fuzzer guesses: also what comes before it with the right one.
    Bytes file(data, data + size);
    judge(file);
    record::mend_checksum(file);
    judge(file);
    return 0;
}
