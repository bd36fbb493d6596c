#include "harness/documents/documents.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fixtures/camera/persona.hpp"
#include "harness/checks/check.hpp"
#include "harness/core/launch/caller.hpp"
#include "harness/core/markup/markup_reading.hpp"
#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/documents/bench_file.hpp"
#include "harness/documents/offered_packages.hpp"
#include "harness/documents/requirements.hpp"
#include "harness/documents/scenario.hpp"
#include "harness/documents/suite.hpp"
#include "harness/learned/dialogue_file.hpp"
#include "harness/learned/update_file.hpp"

namespace cambench {
namespace {

using markup::Problems;

/// Forgets what a loader made; only the problems matter here.
template <typename T>
Status status_of(Result<T> loaded) {
    if (loaded) return {};
    return std::move(loaded).error();
}

Status check_requirements(const std::filesystem::path& file, Problems& problems) {
    return RequirementCatalogue().add(file, problems);
}

Status check_scenario(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto scenario, load_scenario(file, problems));
    return judge_packages(scenario, problems);
}

Status check_suite(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto suite, load_suite(file, problems));
    Status first;
    for (const auto& run : suite.runs)
        if (auto status = judge_packages(run.scenario, problems); first.ok() && !status.ok())
            first = std::move(status);
    return first;
}

/// Whether a missing file is a mistake in the document: what a bench needs is there when the bench is,
/// packages are judged by what is in them.
bool must_exist(const markup::Node& node, const markup::Attribute& attribute, const std::string& root) {
    if (attribute.kind != markup::Kind::path || !node.given(attribute.name) ||
        node.text(attribute.name).empty())
        return false;
    return root != "bench" && node.name() != "offer-update";
}

bool lies_below(const std::filesystem::path& file, const std::filesystem::path& folder) {
    std::error_code code;
    auto top = std::filesystem::weakly_canonical(folder.empty() ? "." : folder, code);
    if (!top.has_filename()) top = top.parent_path();
    const auto ends = std::mismatch(top.begin(), top.end(), file.begin(), file.end());
    return !code && ends.first == top.end();
}

/// Whether the attribute's file may be read at all; a problem where not. A link leads where it leads.
bool judge_place(const markup::Node& node, const std::string& attribute, const FilePlaces& places,
                 Problems& problems) {
    const auto text = node.text(attribute);
    std::error_code code;
    const auto file = std::filesystem::weakly_canonical(node.path(attribute), code);
    const auto beside = std::filesystem::path(node.position().file).parent_path();
    const bool said = std::find(places.said.begin(), places.said.end(), text) != places.said.end();
    const bool allowed = said || lies_below(file, beside) || lies_below(file, shipped_folder()) ||
                         std::any_of(places.allowed.begin(), places.allowed.end(),
                                     [&](const auto& folder) { return lies_below(file, folder); });
    if (!allowed || code) {
        problems.push_back(problem_at_attribute(
            node, attribute,
            fmt::format("{}=\"{}\" lies neither beside this document nor below a folder that was allowed",
                        attribute, inert(text)),
            fmt::format("put it there, or say --allow {}", file.parent_path().string())));
        return false;
    }
    if (std::filesystem::exists(file, code) && !caller_may_read(file)) {
        problems.push_back(
            problem_at_attribute(node, attribute,
                                 fmt::format("{}=\"{}\" is no file that the user who called sudo may read",
                                             attribute, inert(text)),
                                 "root's rights are not lent to documents"));
        return false;
    }
    return true;
}

void judge_files_of(const markup::Node& node, const std::string& root, const FilePlaces& places,
                    Problems& problems) {
    const auto told = [&](const markup::Position& where) {
        return std::any_of(problems.begin(), problems.end(), [&](const auto& problem) {
            return problem.where.file == where.file && problem.where.line == where.line &&
                   problem.severity == markup::Problem::Severity::error;
        });
    };
    for (const auto& attribute : node.element().attributes) {
        std::error_code code;
        const bool names_one = attribute.kind == markup::Kind::path && root != "bench" &&
                               node.has(attribute.name) && !node.text(attribute.name).empty();
        if (names_one && !judge_place(node, attribute.name, places, problems)) continue;
        if (!must_exist(node, attribute, root) || std::filesystem::exists(node.path(attribute.name), code) ||
            told(node.position_of(attribute.name)))
            continue;
        problems.push_back(problem_at_attribute(
            node, attribute.name,
            fmt::format("{}=\"{}\": there is no such file", attribute.name, inert(node.text(attribute.name))),
            fmt::format("looked for {}", node.path(attribute.name).string())));
    }
    for (const auto& child : node.children()) judge_files_of(child, root, places, problems);
}

/// What a document is called has to lead to its file: in suites, on the command line, in reports.
void judge_name(const std::filesystem::path& file, const markup::Element& element, Problems& problems) {
    if (element.name != "scenario" && element.name != "suite" && element.name != "persona") return;
    Problems known;
    const auto reading = markup::read_what_is_right(file, element, known);
    const auto id = reading && reading->root.given("id") ? reading->root.text("id") : "";
    if (!id.empty() && id != file.stem().string())
        problems.push_back({reading->root.position_of("id"),
                            fmt::format("the id '{}' is not the file's name", inert(id)),
                            fmt::format("call the file {}.xml, or give it the id '{}'", inert(id),
                                        inert(file.stem().string())),
                            markup::Problem::Severity::warning});
}

const DocumentKind* kind_of(const std::string& root) {
    const auto& kinds = document_kinds();
    const auto found = std::find_if(kinds.begin(), kinds.end(),
                                    [&](const auto& kind) { return kind.element->name == root; });
    return found == kinds.end() ? nullptr : &*found;
}

std::vector<std::string> root_names() {
    std::vector<std::string> names;
    for (const auto& kind : document_kinds()) names.push_back(kind.element->name);
    return names;
}

/// With the checks at hand, too, of which declarations themselves know nothing.
Status check_declaration(const std::filesystem::path& file, Problems& problems) {
    TRY_ASSIGN(const auto declaration, load_declaration(file, problems));
    std::vector<std::string> names;
    for (const auto* type : check_types()) names.push_back(type->element.name);
    for (const auto& one : declaration.unexplained) {
        if (std::find(names.begin(), names.end(), one.check) != names.end()) continue;
        const auto near = nearest(one.check, names);
        problems.push_back(
            {{file.string(), one.line, 1},
             fmt::format("there is no check '{}'", inert(one.check)),
             near.empty() ? "'cambench list checks' names them all" : fmt::format("did you mean '{}'?", near),
             markup::Problem::Severity::warning});
    }
    return {};
}

}  // namespace

const std::vector<DocumentKind>& document_kinds() {
    using Path = std::filesystem::path;
    static const std::vector<DocumentKind> kinds{
        {&bench_element(), "bench/benches",
         [](const Path& file, Problems& problems) { return status_of(load_bench_file(file, problems)); }},
        {&declaration_element(), "scenarios/declarations", check_declaration},
        {&learned_update_element(), "bench/internet/updates",
         [](const Path& file, Problems& problems) { return status_of(load_learned_update(file, problems)); }},
        {&dialogues_element(), "bench/internet/dialogues",
         [](const Path& file, Problems& problems) { return status_of(load_dialogues(file, problems)); }},
        {&persona_element(), "fixtures/camera/personas",
         [](const Path& file, Problems& problems) { return status_of(load_persona(file, problems)); }},
        {&requirements_element(), "scenarios/requirements", check_requirements},
        {&scenario_element(), "scenarios/library", check_scenario},
        {&suite_element(), "scenarios/suites", check_suite},
    };
    return kinds;
}

Status check_document(const std::filesystem::path& file, Problems& problems, const FilePlaces& places) {
    TRY_ASSIGN(const auto root, markup::find_root(file, problems));
    if (const auto* kind = kind_of(root.name)) {
        const auto before = problems.size();
        const auto status = kind->check(file, problems);
        judge_files(file, problems, {}, places);
        judge_name(file, *kind->element, problems);
        return status ? markup::first_error(problems, before) : status;
    }
    const auto names = root_names();
    const auto near = nearest(root.name, names);
    problems.push_back({root.where, fmt::format("a document of the unknown kind <{}>", root.name),
                        near.empty() ? fmt::format("known kinds: {}", join(names, ", "))
                                     : fmt::format("did you mean <{}>?", near)});
    return usage_error(problems.back().to_string());
}

void judge_files(const std::filesystem::path& file, Problems& problems, const markup::Parameters& overrides,
                 const FilePlaces& places) {
    Problems known;
    const auto root = markup::find_root(file, known);
    const auto* kind = root ? kind_of(root->name) : nullptr;
    if (kind == nullptr) return;
    if (const auto reading = markup::read_what_is_right(file, *kind->element, known, overrides))
        judge_files_of(reading->root, root->name, places, problems);
}

Result<std::filesystem::path> shipped_document(const std::string& name, const std::string& root) {
    std::vector<std::string> names;
    for (auto& file : shipped_documents(root)) {
        if (file.stem() == name) return std::move(file);
        names.push_back(file.stem().string());
    }
    const auto near = nearest(name, names);
    return usage_error(fmt::format(
        "there is no {} '{}'; {}", root, inert(name),
        near.empty() ? "shipped: " + join(names, ", ") : fmt::format("did you mean '{}'?", near)));
}

bool looks_like_a_path(std::string_view text) {
    return text.find('/') != std::string_view::npos || text.ends_with(".xml");
}

Result<std::filesystem::path> document_named(const markup::Node& node, std::string_view attribute,
                                             const std::string& root) {
    const auto name = node.text(attribute);
    std::error_code code;
    if (looks_like_a_path(name)) {
        auto file = node.path(attribute);
        if (std::filesystem::is_regular_file(file, code)) return file;
        return usage_error(fmt::format("'{}' does not exist; looked for {}", inert(name), file.string()));
    }
    auto beside = std::filesystem::path(node.position().file).parent_path() / (name + ".xml");
    Problems unread;
    if (std::filesystem::is_regular_file(beside, code))
        if (const auto found = markup::find_root(beside, unread); !found || found->name == root)
            return beside;  // one of another kind is not meant
    return shipped_document(name, root);
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
        for (std::filesystem::directory_iterator entry(shipped_folder() / folder, error), end;
             !error && entry != end; entry.increment(error))
            if (entry->path().extension() == ".xml") files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace cambench
