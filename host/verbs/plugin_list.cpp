#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "plugin/registry.hpp"
#include "verbs/plugin_verbs.hpp"

namespace rvm::host {

namespace {

std::string_view state_name(plugin::SlotState state) {
    switch (state) {
    case plugin::SlotState::known:
        return "available"; // its code is loaded when something needs it
    case plugin::SlotState::loading:
        return "loading";
    case plugin::SlotState::loaded:
        return "loaded";
    case plugin::SlotState::refused:
        return "refused";
    case plugin::SlotState::stopped:
        return "stopped";
    }
    return "unknown";
}

std::string_view origin_name(plugin::Origin origin) {
    switch (origin) {
    case plugin::Origin::builtin:
        return "built in";
    case plugin::Origin::listed:
        return "listed";
    case plugin::Origin::discovered:
        return "discovered";
    case plugin::Origin::option:
        return "--plugin";
    }
    return "unknown";
}

} // namespace

int list_plugins(Session& session) {
    plugin::Registry& registry = session.runtime().registry();
    bool refused = false;
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    std::size_t id_width = 0, version_width = 0;
    for (const plugin::PluginSlot* slot : registry.slots()) {
        id_width = std::max(id_width, slot->id().size());
        version_width = std::max(version_width, slot->sidecar().version.text().size());
    }
    for (const plugin::PluginSlot* slot : registry.slots()) {
        const auto state = registry.state(*slot);
        refused = refused || state == plugin::SlotState::refused;
        const manifest::Sidecar& sidecar = slot->sidecar();
        if (session.globals.json) {
            nlohmann::ordered_json provides = nlohmann::ordered_json::array();
            for (const manifest::Capability& capability : sidecar.provides)
                provides.push_back(capability.text());
            list.push_back({{"id", slot->id()},
                            {"version", sidecar.version.text()},
                            {"status", state_name(state)},
                            {"origin", origin_name(slot->origin())},
                            {"file", slot->file()},
                            {"provides", std::move(provides)},
                            {"findings", report_json(registry.findings(*slot))}});
            continue;
        }
        const Style style = state == plugin::SlotState::refused ? Style::bad : Style::good;
        session.io.out(fmt::format("{}  {:<{}}  {}  {}\n",
                                   session.io.paint(Style::heading, fmt::format("{:<{}}", slot->id(), id_width)),
                                   sidecar.version.text(), version_width,
                                   session.io.paint(style, fmt::format("{:<9}", state_name(state))), slot->file()));
        for (const manifest::Capability& capability : sidecar.provides)
            session.io.out(
                fmt::format("{:<{}}  {}\n", "", id_width, session.io.paint(Style::faint, capability.text())));
        session.show(registry.findings(*slot));
    }
    if (session.globals.json) session.print_json(list);
    return refused ? RVM_EXIT_CONFIG : RVM_EXIT_OK;
}

} // namespace rvm::host
