#pragma once

#include <string>

#include "harness/scenario/step_context.hpp"

namespace cambench {

/// What the camera answered to its operator; status 0: nothing.
struct OperatorAnswer {
    int status = 0;
    std::string body;  ///< its beginning

    /// Whether it did what it was asked for.
    [[nodiscard]] bool agreed() const { return status >= 200 && status < 300; }
    /// Why it did not, for people.
    [[nodiscard]] std::string objection() const { return status == 0 ? "the camera did not answer the operator's request" : "the camera answered the operator's request with status " + std::to_string(status); }
};

/// Asks the camera over HTTP as its operator would, from inside the sandbox, with the account of the declaration. `request` is
/// "POST /path"; `body` is sent as it is, with `type` as its content type. Leaves an "operator-request" event.
[[nodiscard]] Result<OperatorAnswer> ask_as_operator(StepContext& context, const std::string& request, const std::string& type, const std::string& body);

}  // namespace cambench
