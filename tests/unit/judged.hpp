#pragma once

#include "harness/checks/judgement.hpp"
#include "harness/checks/lookup_index.hpp"
#include "tests/catch.hpp"

namespace cambench {

/// The listed check of that name over observations. `parameters`: its attributes as XML, such as
/// `within="5s"`.
inline CheckResult judged(const std::string& check, const analysis::Observations& observations,
                          const Declaration* declaration = nullptr, const std::string& parameters = {}) {
    LookupIndex::forget(observations);  // tests change them between two questions
    for (const auto* type : check_types()) {
        if (type->element.name != check) continue;
        markup::Problems problems;
        const auto node =
            markup::read_text("<" + check + " " + parameters + "/>", "test", type->element, problems);
        REQUIRE(node.ok());
        return type->judge({observations, declaration, *node});
    }
    FAIL("there is no check " << check);
    return {};
}

}  // namespace cambench
