// wasi_snapshot_preview1 inside a frame: every answer of tests/data/wasm/wasi.c.
#include "world.hpp"

namespace rvm::conformance {
namespace {

const rvm_address P = address(0x7);

constexpr const char* config = R"({"wasi": {"granted": true, "arguments": ["tool"], "environment": ["A=1"],
    "files": [{"path": "a.txt", "text": "hello world\n"}, {"path": "sub/b.txt", "text": "b"}]}})";

constexpr const char* answers = R"(prestat 3 0
prestat 4 8
open 0
as 4
read 0
hello
tell 0
at 5
seek 0
at 10
read the rest 0
bytes 2
read at the end 0
bytes 0
pread 0
ello 
seek before the start 28
write 69
pwrite 69
set size 69
sync 0
filestat 0
type 4
size 12
fdstat 0
type 4
open another 0
renumber 0
close the old 8
close 0
close again 8
open nothing 44
open above 76
open absolute 76
create 69
truncate 69
create what is there 20
open for writing 69
open file as folder 54
open folder 0
read folder 31
stat 0
type 3
unlink 69
symlink 69
readlink 28
list 0
a.txt
sub
list a part 0
bytes 26
clock 0
step 1000
no such clock 28
resolution 0
sleep 0
events 1
user data 7
slept at least 1
no subscriptions 28
random 0
all the same 0
outside memory 21
write to input 69
write to nothing 8
seek a stream 70
socket 57
raise 52
yield 0
name of the folder 0
/
no room for the name 37
advise 0
advise nothing 8
allocate 69
data sync 0
set flags 0
set rights 8
set times 69
create folder 69
create in nothing 8
set times of path 69
link 69
remove folder 69
rename 69
accept 57
send 57
shut down 57
long path 37
stat nothing 44
readlink of nothing 44
list a file 8
opened 62
one too many 33
folder through a file 54
)";

class wasi : public WasmWorldTest {
  protected:
    void start(Runtime& runtime) {
        use(runtime);
        install(P, read_module("wasi.wasm"), "wasm");
        next();
    }
    static std::string text(const Outcome& outcome) { return {outcome.output.begin(), outcome.output.end()}; }
    static Code bytes(const std::string& text) { return {text.begin(), text.end()}; }
};

TEST_F(wasi, every_function_answers_as_documented) {
    const auto runtime = open_runtime(config);
    start(*runtime);
    const Outcome ran = call(P, bytes("the input"));
    ASSERT_EQ(ran.status, RVM_OK) << ran.fault << ran.error;
    EXPECT_EQ(text(ran), "arguments 0\ntool\nenvironment 0\nA=1\nthe input\n" + std::string(answers));
    const Outcome again = call(P, bytes("the input"));
    EXPECT_EQ(again.output, ran.output);
    EXPECT_EQ(again.gas_used, ran.gas_used);
    use(shared_runtime());
}

TEST_F(wasi, the_exit_code_decides) {
    for (const auto& [code, status] : {std::pair{"0", RVM_OK}, {"3", RVM_TRAP_REVERT}}) {
        const auto runtime = open_runtime(std::string(R"({"wasi": {"granted": true, "arguments": ["tool", "exit", ")") +
                                          code + R"("]}})");
        start(*runtime);
        EXPECT_EQ(call(P, {}).status, status) << code;
        use(shared_runtime());
    }
}

TEST_F(wasi, output_ends_at_the_memory_budget) {
    const auto runtime = open_runtime(R"({"wasi": {"granted": true, "arguments": ["tool", "flood"]}})");
    start(*runtime);
    const Outcome ran = call(P, {});
    EXPECT_EQ(ran.status, RVM_OK) << "nospc: " << ran.fault;
    EXPECT_GT(ran.output.size(), 8u << 20u);
    EXPECT_LE(ran.output.size(), 16u << 20u);
    use(shared_runtime());
}

TEST_F(wasi, gas_ends_a_program_that_spins) {
    const auto runtime = open_runtime(R"({"wasi": {"granted": true, "arguments": ["tool", "spin"]}})");
    start(*runtime);
    const Outcome ran = call(P, {}, 0, 100'000);
    EXPECT_EQ(ran.status, RVM_TRAP_OUT_OF_GAS);
    EXPECT_EQ(ran.gas_used, 100'000);
    EXPECT_NE(ran.fault.find("in start"), std::string::npos) << "from the name section: " << ran.fault;
    use(shared_runtime());
}

TEST_F(wasi, without_a_grant_the_import_is_refused) {
    const Outcome ran = create(read_module("wasi.wasm"), "wasm");
    EXPECT_EQ(ran.status, RVM_TRAP_INVALID_CODE);
    EXPECT_NE(ran.fault.find("wasi_snapshot_preview1.args_sizes_get: the deployment does not grant WASI"),
              std::string::npos)
        << ran.fault;
}

} // namespace
} // namespace rvm::conformance
