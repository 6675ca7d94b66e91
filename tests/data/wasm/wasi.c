// A program of wasi_snapshot_preview1 without any library: tries the functions and prints what each answered, one a line.
// The first argument "exit" ends it with the second one's first digit; "spin" never ends,
// "flood" writes until it is refused, "random" prints a random number.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) extern
WASI(args_sizes_get) u32 args_sizes_get(u32*, u32*);
WASI(args_get) u32 args_get(u8**, u8*);
WASI(environ_sizes_get) u32 environ_sizes_get(u32*, u32*);
WASI(environ_get) u32 environ_get(u8**, u8*);
WASI(clock_time_get) u32 clock_time_get(u32, u64, u64*);
WASI(clock_res_get) u32 clock_res_get(u32, u64*);
WASI(random_get) u32 random_get(void*, u32);
WASI(fd_read) u32 fd_read(u32, const void*, u32, u32*);
WASI(fd_pread) u32 fd_pread(u32, const void*, u32, u64, u32*);
WASI(fd_write) u32 fd_write(u32, const void*, u32, u32*);
WASI(fd_pwrite) u32 fd_pwrite(u32, const void*, u32, u64, u32*);
WASI(fd_seek) u32 fd_seek(u32, u64, u32, u64*);
WASI(fd_tell) u32 fd_tell(u32, u64*);
WASI(fd_close) u32 fd_close(u32);
WASI(fd_renumber) u32 fd_renumber(u32, u32);
WASI(fd_fdstat_get) u32 fd_fdstat_get(u32, void*);
WASI(fd_filestat_get) u32 fd_filestat_get(u32, void*);
WASI(fd_filestat_set_size) u32 fd_filestat_set_size(u32, u64);
WASI(fd_sync) u32 fd_sync(u32);
WASI(fd_prestat_get) u32 fd_prestat_get(u32, void*);
WASI(fd_prestat_dir_name) u32 fd_prestat_dir_name(u32, u8*, u32);
WASI(fd_readdir) u32 fd_readdir(u32, void*, u32, u64, u32*);
WASI(path_open) u32 path_open(u32, u32, const char*, u32, u32, u64, u64, u32, u32*);
WASI(path_filestat_get) u32 path_filestat_get(u32, u32, const char*, u32, void*);
WASI(path_unlink_file) u32 path_unlink_file(u32, const char*, u32);
WASI(path_symlink) u32 path_symlink(const char*, u32, u32, const char*, u32);
WASI(path_readlink) u32 path_readlink(u32, const char*, u32, u8*, u32, u32*);
WASI(poll_oneoff) u32 poll_oneoff(const void*, void*, u32, u32*);
WASI(sock_recv) u32 sock_recv(u32, const void*, u32, u32, u32*, u32*);
WASI(fd_advise) u32 fd_advise(u32, u64, u64, u32);
WASI(fd_allocate) u32 fd_allocate(u32, u64, u64);
WASI(fd_datasync) u32 fd_datasync(u32);
WASI(fd_fdstat_set_flags) u32 fd_fdstat_set_flags(u32, u32);
WASI(fd_fdstat_set_rights) u32 fd_fdstat_set_rights(u32, u64, u64);
WASI(fd_filestat_set_times) u32 fd_filestat_set_times(u32, u64, u64, u32);
WASI(path_create_directory) u32 path_create_directory(u32, const char*, u32);
WASI(path_filestat_set_times) u32 path_filestat_set_times(u32, u32, const char*, u32, u64, u64, u32);
WASI(path_link) u32 path_link(u32, u32, const char*, u32, u32, const char*, u32);
WASI(path_remove_directory) u32 path_remove_directory(u32, const char*, u32);
WASI(path_rename) u32 path_rename(u32, const char*, u32, u32, const char*, u32);
WASI(sock_accept) u32 sock_accept(u32, u32, u32*);
WASI(sock_send) u32 sock_send(u32, const void*, u32, u32, u32*);
WASI(sock_shutdown) u32 sock_shutdown(u32, u32);
WASI(sched_yield) u32 sched_yield(void);
WASI(proc_raise) u32 proc_raise(u32);
WASI(proc_exit) _Noreturn void proc_exit(u32);

typedef struct {
    const void* bytes;
    u32 size;
} Buffer;
static u32 length(const char* text) {
    u32 size = 0;
    while (text[size] != 0)
        ++size;
    return size;
}
static void print(const void* bytes, u32 size) {
    Buffer buffer = {bytes, size};
    u32 written;
    fd_write(1, &buffer, 1, &written);
}
static void say(const char* what, u64 value) {
    char digits[24];
    u32 at = sizeof digits;
    digits[--at] = '\n';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    print(what, length(what));
    print(" ", 1);
    print(digits + at, sizeof digits - at);
}
static u8 page[4096];

static void strings(const char* what, u32 (*sizes)(u32*, u32*), u32 (*get)(u8**, u8*)) {
    u32 count, bytes;
    u8* pointers[16];
    say(what, sizes(&count, &bytes));
    get(pointers, page);
    for (u32 i = 0; i < count; ++i) {
        print(pointers[i], length((char*)pointers[i]));
        print("\n", 1);
    }
}

static u32 opened(const char* path, u32 flags, u64 rights, u32* fd) {
    return path_open(3, 0, path, length(path), flags, rights, 0, 0, fd);
}

static void files(void) {
    u32 fd = 0, other = 0, used = 0;
    u64 at = 0;
    Buffer buffer = {page, 5};
    say("prestat 3", fd_prestat_get(3, page));
    say("prestat 4", fd_prestat_get(4, page));
    say("open", opened("a.txt", 0, 2, &fd));
    say("as", fd);
    say("read", fd_read(fd, &buffer, 1, &used));
    print(page, used);
    print("\n", 1);
    say("tell", fd_tell(fd, &at));
    say("at", at);
    say("seek", fd_seek(fd, (u64)-2, 2, &at));
    say("at", at);
    say("read the rest", fd_read(fd, &buffer, 1, &used));
    say("bytes", used);
    say("read at the end", fd_read(fd, &buffer, 1, &used));
    say("bytes", used);
    say("pread", fd_pread(fd, &buffer, 1, 1, &used));
    print(page, used);
    print("\n", 1);
    say("seek before the start", fd_seek(fd, (u64)-1, 0, &at));
    say("write", fd_write(fd, &buffer, 1, &used));
    say("pwrite", fd_pwrite(fd, &buffer, 1, 0, &used));
    say("set size", fd_filestat_set_size(fd, 0));
    say("sync", fd_sync(fd));
    say("filestat", fd_filestat_get(fd, page));
    say("type", page[16]);
    say("size", *(u64*)(page + 32));
    say("fdstat", fd_fdstat_get(fd, page));
    say("type", page[0]);
    say("open another", opened("sub/../sub/b.txt", 0, 2, &other));
    say("renumber", fd_renumber(other, fd));
    say("close the old", fd_close(other));
    say("close", fd_close(fd));
    say("close again", fd_close(fd));
    say("open nothing", opened("nothing", 0, 2, &fd));
    say("open above", opened("../a.txt", 0, 2, &fd));
    say("open absolute", opened("/a.txt", 0, 2, &fd));
    say("create", opened("new", 1, 2, &fd));
    say("truncate", opened("a.txt", 8, 2, &fd));
    say("create what is there", opened("a.txt", 1 | 4, 2, &fd));
    say("open for writing", opened("a.txt", 0, 64, &fd));
    say("open file as folder", opened("a.txt", 2, 2, &fd));
    say("open folder", opened("sub", 2, 2, &fd));
    say("read folder", fd_read(fd, &buffer, 1, &used));
    say("stat", path_filestat_get(3, 0, "sub", 3, page));
    say("type", page[16]);
    say("unlink", path_unlink_file(3, "a.txt", 5));
    say("symlink", path_symlink("a", 1, 3, "b", 1));
    say("readlink", path_readlink(3, "a.txt", 5, page, 10, &used));
    say("list", fd_readdir(3, page, sizeof page, 0, &used));
    for (u32 i = 0; i < used; i += 24 + *(u32*)(page + i + 16)) {
        print(page + i + 24, *(u32*)(page + i + 16));
        print("\n", 1);
    }
    say("list a part", fd_readdir(3, page, 26, 1, &used));
    say("bytes", used);
}

static void rest(void) {
    u64 first = 0, second = 0;
    u32 used = 0;
    say("clock", clock_time_get(0, 0, &first));
    clock_time_get(1, 0, &second);
    say("step", second - first);
    say("no such clock", clock_time_get(9, 0, &first));
    say("resolution", clock_res_get(0, &first));
    u64 sleep[6] = {7, 0, 0, 1000000, 0, 0}; // user data, tag, id, timeout, precision, flags
    say("sleep", poll_oneoff(sleep, page, 1, &used));
    say("events", used);
    say("user data", page[0]);
    clock_time_get(0, 0, &first);
    say("slept at least", (first - second) / 1000000);
    say("no subscriptions", poll_oneoff(sleep, page, 0, &used));
    u8 random[40];
    say("random", random_get(random, sizeof random));
    u32 same = 1;
    for (u32 i = 1; i < sizeof random; ++i)
        same += random[i] == random[0];
    say("all the same", same == sizeof random);
    Buffer outside = {(void*)0xfffffff0, 100};
    say("outside memory", fd_write(1, &outside, 1, &used));
    say("write to input", fd_write(0, &outside, 0, &used));
    say("write to nothing", fd_write(77, &outside, 0, &used));
    say("seek a stream", fd_seek(1, 0, 0, &first));
    say("socket", sock_recv(3, &outside, 1, 0, &used, &used));
    say("raise", proc_raise(6));
    say("yield", sched_yield());
}

/// Functions that nothing above calls, and errors that nothing above met.
static void remaining(void) {
    u32 fd = 0, used = 0, opens = 0;
    Buffer buffer = {page, sizeof page};
    say("name of the folder", fd_prestat_dir_name(3, page, 1));
    print(page, 1);
    print("\n", 1);
    say("no room for the name", fd_prestat_dir_name(3, page, 0));
    say("advise", fd_advise(3, 0, 0, 0));
    say("advise nothing", fd_advise(77, 0, 0, 0));
    say("allocate", fd_allocate(3, 0, 1));
    say("data sync", fd_datasync(1));
    say("set flags", fd_fdstat_set_flags(3, 0));
    say("set rights", fd_fdstat_set_rights(77, 0, 0));
    say("set times", fd_filestat_set_times(3, 0, 0, 0));
    say("create folder", path_create_directory(3, "new", 3));
    say("create in nothing", path_create_directory(77, "new", 3));
    say("set times of path", path_filestat_set_times(3, 0, "a.txt", 5, 0, 0, 0));
    say("link", path_link(3, 0, "a.txt", 5, 3, "b", 1));
    say("remove folder", path_remove_directory(3, "sub", 3));
    say("rename", path_rename(3, "a.txt", 5, 3, "b", 1));
    say("accept", sock_accept(3, 0, &fd));
    say("send", sock_send(3, &buffer, 1, 0, &used));
    say("shut down", sock_shutdown(3, 0));
    say("long path", path_open(3, 0, (const char*)page, 5000, 0, 2, 0, 0, &fd));
    say("stat nothing", path_filestat_get(3, 0, "nothing", 7, page));
    say("readlink of nothing", path_readlink(3, "nothing", 7, page, 10, &used));
    say("list a file", fd_readdir(1, page, 10, 0, &used));
    u32 last = 0;
    while ((last = opened("a.txt", 0, 2, &fd)) == 0)
        ++opens;
    say("opened", opens);
    say("one too many", last);
    say("folder through a file", path_open(fd, 0, "a.txt", 5, 0, 2, 0, 0, &used));
}

/// Writes until there is no room.
static void flood(void) {
    Buffer buffer = {page, sizeof page};
    u32 used = 0, failed;
    do {
        failed = fd_write(1, &buffer, 1, &used);
    } while (failed == 0);
    proc_exit(failed == 51 ? 0 : 1);
}

__attribute__((export_name("_start"))) void start(void) {
    u32 count, bytes, used = 0;
    u8* pointers[16];
    args_sizes_get(&count, &bytes);
    args_get(pointers, page);
    if (count > 1 && pointers[1][0] == 's')
        for (;;)
            ;
    if (count > 1 && pointers[1][0] == 'f') flood();
    if (count > 1 && pointers[1][0] == 'r') {
        u64 number = 0;
        say("random", random_get(&number, sizeof number));
        say("number", number);
        return;
    }
    if (count > 2) proc_exit(pointers[2][0] - '0');
    strings("arguments", args_sizes_get, args_get);
    strings("environment", environ_sizes_get, environ_get);
    Buffer buffer = {page, 4};
    do {
        fd_read(0, &buffer, 1, &used);
        print(page, used);
    } while (used != 0);
    print("\n", 1);
    files();
    rest();
    remaining();
    Buffer complaint = {"to stderr\n", 10};
    fd_write(2, &complaint, 1, &used);
}
