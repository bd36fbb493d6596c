#include "harness/scenario/documents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fixtures/camera/persona.hpp"
#include "harness/core/dialogue_file.hpp"
#include "harness/core/text.hpp"
#include "harness/core/update_file.hpp"
#include "harness/scenario/bench_file.hpp"
#include "harness/scenario/declaration.hpp"
#include "harness/scenario/offered_packages.hpp"
#include "harness/scenario/requirements.hpp"
#include "harness/scenario/scenario.hpp"
#include "harness/scenario/shipped.hpp"
#include "harness/scenario/suite.hpp"

namespace cambench {
namespace {

using markup::Problems;

/// Forgets what a loader made; only the problems matter here.
template <typename T>
Status status_of(Result<T> loaded) {
    if (loaded) return {};
    return std::move(loaded).error();
}

Status check_requirements(const std::filesystem::path& file, Problems& problems) { return RequirementCatalogue().add(file, problems); }

Status check_scenario(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto scenario, load_scenario(file, problems));
    return judge_packages(scenario, problems);
}

Status check_suite(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto suite, load_suite(file, problems));
    for (const auto& run : suite.runs) TRY(judge_packages(run.scenario, problems));
    return {};
}

const DocumentKind* kind_of(const std::string& root) {
    const auto& kinds = document_kinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.element->name == root; });
    return found == kinds.end() ? nullptr : &*found;
}

std::vector<std::string> root_names() {
    std::vector<std::string> names;
    for (const auto& kind : document_kinds()) names.push_back(kind.element->name);
    return names;
}

}  // namespace

const std::vector<DocumentKind>& document_kinds() {
    using Path = std::filesystem::path;
    static const std::vector<DocumentKind> kinds{
        {&bench_element(), "bench/benches", [](const Path& file, Problems& problems) { return status_of(load_bench_file(file, problems)); }},
        {&declaration_element(), "scenarios/declarations",
         [](const Path& file, Problems& problems) { return status_of(load_declaration(file, problems)); }},
        {&learned_update_element(), "bench/internet/updates", [](const Path& file, Problems& problems) { return status_of(load_learned_update(file, problems)); }},
        {&dialogues_element(), "bench/internet/dialogues", [](const Path& file, Problems& problems) { return status_of(load_dialogues(file, problems)); }},
        {&persona_element(), "fixtures/camera/personas",
         [](const Path& file, Problems& problems) { return status_of(load_persona(file, problems)); }},
        {&requirements_element(), "scenarios/requirements", check_requirements},
        {&scenario_element(), "scenarios/library", check_scenario},
        {&suite_element(), "scenarios/suites", check_suite},
    };
    return kinds;
}

Status check_document(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto root, markup::find_root(file, problems));
    if (const auto* kind = kind_of(root.name)) return kind->check(file, problems);
    const auto names = root_names();
    const auto near = nearest(root.name, names);
    problems.push_back({root.where, fmt::format("a document of the unknown kind <{}>", root.name),
                        near.empty() ? fmt::format("known kinds: {}", join(names, ", ")) : fmt::format("did you mean <{}>?", near)});
    return usage_error(problems.back().to_string());
}

std::string documents_xsd() {
    std::vector<const markup::Element*> roots;
    for (const auto& kind : document_kinds()) roots.push_back(kind.element);
    return markup::to_xsd(roots);
}

std::vector<std::filesystem::path> shipped_documents(const std::string& root) {
    std::vector<std::filesystem::path> files;
    const auto* kind = kind_of(root);
    if (kind == nullptr) return files;
    for (const auto& folder : split(kind->shipped_in, ' ')) {
        std::error_code error;
        for (std::filesystem::directory_iterator entry(shipped_folder() / folder, error), end; !error && entry != end; entry.increment(error))
            if (entry->path().extension() == ".xml") files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace cambench
