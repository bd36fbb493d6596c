#include "harness/documents/requirements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/core/shipped.hpp"
#include "harness/core/text.hpp"

namespace cambench {
namespace {

using markup::Element;
using markup::Kind;

const Element& requirement_element() {
    static const Element element{
        .name = "requirement",
        .doc = "One requirement; the text between the tags is its single observable verdict.",
        .attributes = {{.name = "id",
                        .kind = Kind::word,
                        .doc = "How scenarios refer to it, such as PHN-05.",
                        .required = true},
                       {.name = "means",
                        .kind = Kind::words,
                        .doc = "What a bench needs: R relay, U UART, N network, O optics, D documents.",
                        .required = true},
                       {.name = "en303645", .doc = "Test units of ETSI EN 303 645 and TS 103 701."},
                       {.name = "india",
                        .doc = "Indian essential requirements (ER) and OWASP ASVS appendix C."},
                       {.name = "other", .doc = "NIST, EN 18031 and others."}},
        .content = Element::Content::text};
    return element;
}

void judge_means(const markup::Node& node, markup::Problems& problems) {
    for (const auto& letter : node.words("means"))
        if (letter.size() != 1 || std::string_view("RUNOD").find(letter) == std::string_view::npos)
            problems.push_back(problem_at_attribute(node, "means", fmt::format("'{}' is not known", letter),
                                                    "use R, U, N, O and D"));
}

/// Every requirements/*.xml of a folder, in alphabetical order.
std::vector<std::filesystem::path> catalogues_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder / "requirements", error), end;
         !error && entry != end; entry.increment(error))
        if (entry->path().extension() == ".xml") files.push_back(entry->path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

const Element& requirements_element() {
    static const Element element{
        .name = "requirements",
        .doc = "A catalogue of requirements that scenarios refer to.",
        .attributes = {{.name = "id", .kind = Kind::word, .doc = "Its name.", .required = true},
                       {.name = "title", .doc = "What it is.", .required = true}},
        .children = {{&requirement_element(), 1}}};
    return element;
}

Status RequirementCatalogue::add(const std::filesystem::path& file, markup::Problems& problems) {
    TRY_ASSIGN(const auto root, markup::read_file(file, requirements_element(), problems));
    return add(root, problems);
}

Status RequirementCatalogue::add(const markup::Node& root, markup::Problems& problems) {
    const auto before = problems.size();
    std::set<std::string> seen;
    for (const auto* node : root.all("requirement")) {
        judge_means(*node, problems);
        Requirement requirement{node->text("id"),       node->content(),     join(node->words("means"), " "),
                                node->text("en303645"), node->text("india"), node->text("other")};
        if (requirement.text.empty())
            problems.push_back(problem_at(*node, fmt::format("'{}' says nothing", requirement.id),
                                          "write what is checked between the tags"));
        if (!seen.insert(requirement.id).second)
            problems.push_back(
                problem_at(*node, fmt::format("'{}' is there twice", requirement.id), "keep one"));
        by_id_[requirement.id] = std::move(requirement);
    }
    return markup::first_error(problems, before);
}

const Requirement* RequirementCatalogue::find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

std::vector<std::string> RequirementCatalogue::ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, requirement] : by_id_) ids.push_back(id);
    return ids;
}

Result<RequirementCatalogue> requirements_beside(const std::filesystem::path& document,
                                                 markup::Problems& problems) {
    RequirementCatalogue catalogue;
    const auto folder = std::filesystem::absolute(document).lexically_normal().parent_path();
    std::vector<std::filesystem::path> files;
    for (const auto& place : {shipped_folder() / "scenarios", folder.parent_path(), folder})
        for (auto& file : catalogues_in(place))
            if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(std::move(file));
    for (const auto& file : files) TRY(catalogue.add(file, problems));
    return catalogue;
}

void judge_requirement_ids(const markup::Node& node, std::string_view attribute,
                           const RequirementCatalogue& catalogue, markup::Problems& problems) {
    const auto ids = catalogue.ids();
    for (const auto& id : node.words(attribute)) {
        if (catalogue.find(id) != nullptr) continue;
        const auto near = nearest(id, ids);
        problems.push_back(problem_at_attribute(
            node, attribute, fmt::format("there is no requirement '{}'", id),
            near.empty() ? "see: cambench list requirements" : fmt::format("did you mean '{}'?", near)));
    }
}

}  // namespace cambench
