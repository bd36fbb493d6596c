#include "harness/runner/run_inputs.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bench/internet/world/personality.hpp"
#include "harness/core/digest.hpp"
#include "harness/core/file.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration.hpp"

namespace cambench {
namespace {

namespace fs = std::filesystem;

/// Letters, digits, '-', '_' and '.', not first: a name that no file system, manifest or page has trouble
/// with.
std::string plain_file_name(const fs::path& file) {
    constexpr std::size_t longest = 100;
    auto name = file.filename().string();
    if (name.size() > longest) name = name.substr(name.size() - longest);
    for (auto& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') c = '_';
    if (name.empty() || name.front() == '.') name.insert(name.begin(), '_');
    return name;
}

class Names {
public:
    /// The name itself, or with a number where another file has it. File systems may hold "A" and "a" for the
    /// same.
    std::string own(const std::string& wanted) {
        const fs::path path(wanted);
        auto name = wanted;
        for (int number = 2; !taken_.insert(lower(name)).second; ++number)
            name = fmt::format("{}-{}{}", path.stem().string(), number, path.extension().string());
        return name;
    }

private:
    // Reserved, be they there in this run or not: an answer of that name would be taken for the document
    // later.
    std::set<std::string> taken_{"scenario.xml", "bench.xml", "declaration.xml",
                                 "persona.xml",  "suite.xml", input_index_name};
};

/// Files that attributes of the steps name.
void add_named_files(const std::vector<markup::Node>& nodes, std::vector<RunInput>& inputs) {
    for (const auto& node : nodes) {
        for (const auto& attribute : node.element().attributes)
            if (attribute.kind == markup::Kind::path && node.has(attribute.name))
                inputs.push_back({node.path(attribute.name),
                                  node.name() + " " + attribute.name,
                                  node.text(attribute.name),
                                  {}});
        add_named_files(node.children(), inputs);
    }
}

bool same_file(const fs::path& a, const fs::path& b) {
    std::error_code code;
    return fs::equivalent(a, b, code);
}

/// Names for the files of the fake internet; one that is named twice is kept once.
void add_internet_files(const ScenarioRequest& request, Names& names, std::vector<RunInput>& inputs) {
    std::vector<RunInput> kept;
    for (const auto& one : internet::files_of(request.scenario->internet)) {
        const auto known = std::find_if(
            kept.begin(), kept.end(), [&](const RunInput& other) { return same_file(other.file, one.file); });
        kept.push_back({one.file, one.role, one.named,
                        known == kept.end() ? names.own(plain_file_name(one.file)) : known->name});
    }
    inputs.insert(inputs.end(), kept.begin(), kept.end());
}

/// The authority a declaration lends for the tests.
void add_authority(const ScenarioRequest& request, std::vector<RunInput>& inputs) {
    if (!request.declaration) return;
    markup::Problems problems;
    const auto declaration = load_declaration(*request.declaration, problems);
    if (declaration && !declaration->test_authority.empty())
        inputs.push_back({declaration->test_authority, "test-authority file", {}, {}});
}

}  // namespace

std::vector<RunInput> inputs_of(const ScenarioRequest& request) {
    Names names;
    std::vector<RunInput> inputs{{request.scenario->file, "scenario", {}, "scenario.xml"}};
    if (!request.bench->file.empty()) inputs.push_back({request.bench->file, "bench", {}, "bench.xml"});
    if (request.declaration) inputs.push_back({*request.declaration, "declaration", {}, "declaration.xml"});
    if (!request.persona_file.empty()) inputs.push_back({request.persona_file, "persona", {}, "persona.xml"});
    for (const auto& [file, name] : request.further_inputs)
        inputs.push_back({file, "suite", {}, name == "suite.xml" ? name : names.own(plain_file_name(name))});
    add_internet_files(request, names, inputs);
    for (const auto* nodes :
         {&request.scenario->setup, &request.scenario->steps, &request.scenario->teardown})
        add_named_files(*nodes, inputs);
    add_authority(request, inputs);
    return inputs;
}

Json index_of(const std::vector<RunInput>& inputs) {
    auto list = Json::array();
    for (const auto& input : inputs) {
        Json entry{{"name", input.name.empty() ? Json() : Json(input.name)},
                   {"role", input.role},
                   {"from", to_utf8(input.file.string())}};
        if (!input.named.empty()) entry["named"] = to_utf8(input.named);
        const auto content = read_text_file(input.file);
        entry["sha256"] = content ? Json(sha256_of(as_bytes(*content))) : Json();
        list.push_back(std::move(entry));
    }
    return list;
}

}  // namespace cambench
