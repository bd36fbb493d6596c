#include "harness/documents/offered_packages.hpp"

#include <set>

#include "harness/offers/package_file.hpp"

namespace cambench {
namespace {

using markup::Node;

class Search {
public:
    explicit Search(markup::Problems& problems) : problems_(problems) {}

    void over(const std::vector<Node>& steps) {
        for (const auto& step : steps) {
            for (const auto* attribute : {"package", "older"})
                if (step.name() == "offer-update" && step.has(attribute)) look_at(step, attribute);
            over(step.children());
        }
    }
    [[nodiscard]] const Status& status() const { return status_; }

private:
    void look_at(const Node& step, const char* attribute) {
        const auto file = step.path(attribute);
        if (!seen_.insert(file).second) return;
        const auto firmware = offers::load_firmware(file);
        if (firmware) return;
        problems_.push_back(markup::problem_at_attribute(
            step, attribute, firmware.error().message,
            "name the vendor's package, or a <firmware> description of the sample product"));
        if (status_.ok()) status_ = usage_error(problems_.back().to_string());
    }

    markup::Problems& problems_;
    std::set<std::filesystem::path> seen_;
    Status status_;
};

}  // namespace

Status judge_packages(const Scenario& scenario, markup::Problems& problems) {
    Search search(problems);
    for (const auto* steps : {&scenario.setup, &scenario.steps, &scenario.teardown}) search.over(*steps);
    return search.status();
}

}  // namespace cambench
