// The engine's laws by hand, without dlopen; `rvm plugin check` tries them against a model.
<<test_head>>
rvm_view view(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
std::string text(rvm_view view) { return {reinterpret_cast<const char*>(view.data), view.size}; }

// Keys and values from `first` on, as "k=v k=v ".
std::string all(const rvm_storage& engine, rvm_store_view* from, std::string_view first) {
    std::string found;
    rvm_cursor* cursor = nullptr;
    if (engine.seek(from, 16, view(first), &cursor) != RVM_OK) return "seek failed";
    rvm_view key{}, value{};
    while (engine.next(cursor, &key, &value) == RVM_OK) {
        found += text(key) + "=" + text(value) + " ";
    }
    engine.end(cursor);
    return found;
}

} // namespace

int main() {
    TestHost host;
    host.load(rvm_plugin_entry_v0);
    const auto& engine = host.find<rvm_storage>(RVM_KIND_STORAGE, "<<name>>");
    rvm_store* store = nullptr;
    check(engine.open(engine.self, "{}", &store, nullptr) == RVM_OK, "it opens");
    rvm_store_view *before = nullptr, *after = nullptr;
    const rvm_store_write first[] = {{view("b"), view("2"), 16, 0}, {view("a"), view("1"), 16, 0}, {view("ab"), view(""), 16, 0},
                                     {view("a"), view("other"), 17, 0}};
    const rvm_store_write second[] = {{view("a"), {nullptr, 0}, 16, 0}, {view("c"), view("x"), 16, 0}, {view("c"), view("3"), 16, 0}};
    check(engine.commit(store, first, 4, nullptr) == RVM_OK, "a batch is written");
    check(engine.view(store, &before, nullptr) == RVM_OK, "a view is taken");
    check(engine.commit(store, second, 3, nullptr) == RVM_OK, "another batch is written");
    check(engine.view(store, &after, nullptr) == RVM_OK, "another view is taken");
    check(all(engine, before, "") == "a=1 ab= b=2 ", "a view shows the last commit before it, in order, one keyspace");
    check(all(engine, after, "") == "ab= b=2 c=3 ", "erased keys are gone, the later of two writes wins");
    check(all(engine, after, "b") == "b=2 c=3 ", "a cursor begins at its key");
    rvm_view value{};
    check(engine.get(after, 16, view("a"), &value) == RVM_E_NOT_FOUND, "an absent key is an answer");
    check(engine.get(after, 16, view("ab"), &value) == RVM_OK && value.size == 0, "an empty value is there");
    const rvm_store_write wrong[] = {{view("z"), view("1"), 16, 0}, {view("z"), view("1"), RVM_KEYSPACE_LIMIT, 0}};
    check(engine.commit(store, wrong, 2, nullptr) == RVM_E_INVALID_ARGUMENT, "an unknown keyspace is refused");
    engine.release(before);
    engine.release(after);
    check(engine.view(store, &after, nullptr) == RVM_OK && all(engine, after, "z").empty(), "with the whole batch");
    engine.release(after);
    engine.close(store);
    return failures == 0 ? 0 : 1;
}
