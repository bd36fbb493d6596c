#include "harness/cli/print_json.hpp"

#include <ostream>
#include <string>

namespace cambench::cli {
namespace {

std::string leaf(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void print_at(const Json& json, std::size_t depth, std::ostream& out) {
    constexpr std::size_t indent = 2;
    if (!json.is_structured() || json.empty()) {
        out << leaf(json);
        return;
    }
    const std::string margin((depth + 1) * indent, ' ');
    const auto* between = "";
    out << (json.is_object() ? "{\n" : "[\n");
    for (auto member = json.begin(); member != json.end(); ++member) {
        out << between << margin;
        if (json.is_object()) out << leaf(member.key()) << ": ";
        print_at(*member, depth + 1, out);
        between = ",\n";
    }
    out << '\n' << std::string(depth * indent, ' ') << (json.is_object() ? '}' : ']');
}

}  // namespace

void print_json(const Json& json, std::ostream& out) {
    print_at(json, 0, out);
    out << '\n';
}

void print_json(const std::vector<LazyMember>& members, std::ostream& out) {
    const auto* between = "{\n  ";
    for (const auto& member : members) {
        out << between << leaf(member.name) << ": ";
        print_at(member.make(), 1, out);
        between = ",\n  ";
    }
    out << "\n}\n";
}

}  // namespace cambench::cli
